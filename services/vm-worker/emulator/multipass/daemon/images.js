import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { existsSync, openSync, readFileSync, readSync, closeSync } from 'node:fs';
import { basename } from 'node:path';
import { Refusal } from './refusal.js';

/**
 * An image of which an instance can be made.
 *
 * @typedef {object} Image
 * @property {string} hash
 * @property {string} listRelease As `list` shows it.
 * @property {string} imageRelease As `info` shows it.
 * @property {string} guestRelease What the guest calls itself.
 * @property {number} virtualSize Bytes.
 * @property {boolean} isDownloaded
 * @property {string | null} file The name of the file that it was copied from.
 */

const RELEASES = new Map([
  ['20.04', 'focal'],
  ['22.04', 'jammy'],
  ['24.04', 'noble'],
]);
const CORE_IMAGE = 'https://cdimage.ubuntu.com/ubuntu-core/16/stable/current/ubuntu-core-16-amd64.img.xz';
const DEFAULT = '24.04';
const DEFAULT_DISK = 3.5 * 1024 ** 3;
const QCOW2_MAGIC = 0x514649fb;

/**
 * The size of the disk in an image file: what a qcow2 header says, otherwise the size of the file.
 *
 * @param {string} path
 * @returns {number}
 */
function virtualSizeOf(path) {
  const header = Buffer.alloc(32);
  const file = openSync(path, 'r');
  const length = readSync(file, header);
  closeSync(file);
  return length === 32 && header.readUInt32BE(0) === QCOW2_MAGIC
    ? Number(header.readBigUInt64BE(24))
    : readFileSync(path).length;
}

/**
 * The images that there are, as `find` shows them.
 *
 * @param {boolean} isOnline
 * @returns {{ version: string, codename: string }[]}
 */
export function findImages(isOnline) {
  if (!isOnline) throw new Refusal(`failed to download from '${CORE_IMAGE}': Host cdimage.ubuntu.com not found`);
  return [...RELEASES].map(([version, codename]) => ({ version, codename }));
}

/**
 * @param {string} name
 * @returns {Image | undefined}
 */
function releaseImage(name) {
  const wanted = name === 'default' || name === 'lts' || name === 'ubuntu' ? DEFAULT : name;
  const found = [...RELEASES].find(([version, codename]) => wanted === version || wanted === codename);
  if (found === undefined) return undefined;
  const [version] = found;
  return {
    hash: createHash('sha256').update(version).digest('hex'),
    listRelease: `Ubuntu ${version} LTS`,
    imageRelease: `${version} LTS`,
    guestRelease: `Ubuntu ${version} LTS`,
    virtualSize: DEFAULT_DISK,
    isDownloaded: true,
    file: null,
  };
}

/**
 * Whether the name of an image can mean one at all; the rest shows when it is fetched.
 *
 * @param {string} image
 * @param {boolean} isOnline
 */
export function checkImageName(image, isOnline) {
  if (/^(?:file|https?):\/\//.test(image)) return;
  const [remote = '', name = ''] = image.includes(':') ? image.split(':', 2) : ['', image];
  if (!['', 'release', 'daily'].includes(remote)) {
    throw new Refusal(
      `Remote '${remote}' is not found. Please use \`multipass find\` for supported remotes and images.`,
    );
  }
  if (!isOnline) throw new Refusal(`Remote "${remote}" is unknown or unreachable.`);
  if (releaseImage(name) === undefined) {
    throw new Refusal(`Unable to find an image matching "${name}" in remote "${remote}".`);
  }
}

/**
 * @param {string} image
 * @returns {Image}
 */
export function fetchImage(image) {
  if (!image.startsWith('file://')) {
    const known = releaseImage(image.slice(image.indexOf(':') + 1));
    if (known !== undefined) return known;
    const url = image.replace(/^http:/, 'https:');
    throw new Refusal(`failed to download from '${url}': Connection refused`);
  }
  const path = image.slice('file://'.length);
  if (!existsSync(path)) throw new Refusal(`Custom image \`${path}\` does not exist.`);
  return {
    hash: createHash('sha256').update(readFileSync(path)).digest('hex'),
    listRelease: 'Not Available',
    imageRelease: '',
    guestRelease: 'Debian GNU/Linux 12 (bookworm)',
    virtualSize: virtualSizeOf(path),
    isDownloaded: false,
    file: basename(path),
  };
}

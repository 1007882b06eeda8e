import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folders of the workspace's packages, relative to the root.
 *
 * @param {string} root
 */
export function packageFolders(root) {
  return ['packages', 'services'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => join(group, name))
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .sort(),
  );
}

/**
 * A hash of the contents of files; one that is missing counts as such.
 *
 * @param {string} root
 * @param {readonly string[]} paths
 */
export function contentFingerprint(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const file = join(root, path);
    hash.update(`${path}\0`).update(existsSync(file) ? readFileSync(file) : 'missing');
  }
  return hash.digest('hex');
}

/**
 * A hash of the names, sizes and times of all files under some folders, `dist` left out: cheap, and changed by every edit.
 *
 * @param {string} root
 * @param {readonly string[]} folders
 */
export function treeFingerprint(root, folders) {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const entries = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort();
    for (const entry of entries.filter((path) => path.split('/')[0] !== 'dist')) {
      const { mtimeMs, size } = statSync(join(root, folder, entry));
      hash.update(`${folder}/${entry}\0${mtimeMs}\0${size}\0`);
    }
  }
  return hash.digest('hex');
}

/**
 * Whether a stage ended well with this fingerprint before.
 *
 * @param {string} file
 * @param {string} fingerprint
 */
export function isStamped(file, fingerprint) {
  return existsSync(file) && readFileSync(file, 'utf8') === fingerprint;
}

/**
 * Records that a stage ended well.
 *
 * @param {string} file
 * @param {string} fingerprint
 */
export function stamp(file, fingerprint) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, fingerprint);
  renameSync(`${file}.new`, file);
}

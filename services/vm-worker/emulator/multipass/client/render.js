import { humanSize } from '../shared/sizes.js';
import { qtJson } from './qt-json.js';

/**
 * An instance as the daemon describes it.
 *
 * @typedef {object} InstanceView
 * @property {string} name
 * @property {string} state
 * @property {string[]} ipv4
 * @property {string} listRelease
 * @property {string} imageRelease
 * @property {string} imageHash
 * @property {number} snapshots
 * @property {Runtime | null} runtime Null unless it runs and its guest was asked.
 */

/**
 * What the guest says.
 *
 * @typedef {object} Runtime
 * @property {string} release
 * @property {number} cpus
 * @property {number[]} load
 * @property {{ total: number, used: number }} disk
 * @property {{ total: number, used: number }} memory
 */

/** The form of the answer that was asked for is one that the emulator does not have. */
export class NotCovered extends Error {}

const NO_INSTANCES = 'No instances found.\n';
const SHORT_HASH = 12;

/**
 * @param {readonly InstanceView[]} instances
 * @param {string} format
 * @returns {string}
 */
export function renderList(instances, format) {
  switch (format) {
    case 'json': {
      const list = instances.map(({ name, state, ipv4, listRelease }) => ({ name, state, ipv4, release: listRelease }));
      return `${qtJson({ list })}\n`;
    }
    case 'csv': {
      const lines = instances.map(
        ({ name, state, ipv4, listRelease }) =>
          `${name},${state},${ipv4[0] ?? '--'},,${listRelease},"${ipv4.join(',')}"\n`,
      );
      return ['Name,State,IPv4,IPv6,Release,AllIPv4\n', ...lines].join('');
    }
    default:
      if (format === 'table' && instances.length === 0) return NO_INSTANCES;
      throw new NotCovered(`list of instances as ${format}`);
  }
}

/**
 * @param {InstanceView} instance
 * @returns {object}
 */
function infoObject({ state, ipv4, imageRelease, imageHash, snapshots, runtime }) {
  return {
    state,
    image_hash: imageHash,
    image_release: imageRelease,
    release: runtime?.release ?? '',
    cpu_count: runtime === null ? '' : String(runtime.cpus),
    snapshot_count: String(snapshots),
    load: runtime?.load ?? [],
    disks: {
      sda1: runtime === null ? {} : { total: String(runtime.disk.total), used: String(runtime.disk.used) },
    },
    memory: runtime?.memory ?? {},
    ipv4,
    mounts: {},
  };
}

/**
 * @param {InstanceView} instance
 * @returns {string}
 */
function infoTable({ name, state, ipv4, imageHash, imageRelease, snapshots, runtime }) {
  /** @type {(part: { total: number, used: number }) => string} */
  const share = ({ total, used }) => `${humanSize(used)} out of ${humanSize(total)}`;
  const rows = [
    ['Name', name],
    ['State', state],
    ['Snapshots', String(snapshots)],
    ['IPv4', ipv4.join('\n                ') || '--'],
    ['Release', runtime?.release ?? '--'],
    ['Image hash', imageHash.slice(0, SHORT_HASH) + (imageRelease === '' ? '' : ` (Ubuntu ${imageRelease})`)],
    ['CPU(s)', runtime === null ? '--' : String(runtime.cpus)],
    ['Load', runtime === null ? '--' : runtime.load.map((load) => load.toFixed(2)).join(' ')],
    ['Disk usage', runtime === null ? '--' : share(runtime.disk)],
    ['Memory usage', runtime === null ? '--' : share(runtime.memory)],
    ['Mounts', '--'],
  ];
  return rows.map(([label, value]) => `${`${label}:`.padEnd(16)}${value}\n`).join('');
}

/**
 * @param {readonly InstanceView[]} instances
 * @param {string} format
 * @returns {string}
 */
export function renderInfo(instances, format) {
  const [only, ...others] = instances;
  if (format === 'json') {
    const info = Object.fromEntries(instances.map((instance) => [instance.name, infoObject(instance)]));
    return `${qtJson({ errors: [], info })}\n`;
  }
  if (format === 'table' && only === undefined) return NO_INSTANCES;
  if (format === 'table' && only !== undefined && others.length === 0) return infoTable(only);
  throw new NotCovered(`information about ${instances.length} instances as ${format}`);
}

/**
 * @param {{ multipass: string, multipassd: string | null }} versions
 * @param {string} format
 * @returns {string}
 */
export function renderVersion({ multipass, multipassd }, format) {
  switch (format) {
    case 'json':
      // The one line that the real Multipass does not have: whoever reads it must be able to see what this is.
      return `${qtJson({ emulator: true, multipass, ...(multipassd !== null && { multipassd }) })}\n`;
    case 'table':
      return `multipass   ${multipass}\n${multipassd === null ? '' : `multipassd  ${multipassd}\n`}`;
    default:
      throw new NotCovered(`version as ${format}`);
  }
}

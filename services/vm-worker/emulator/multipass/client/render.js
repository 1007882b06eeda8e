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
 * @property {SnapshotView[]} snapshots The oldest first.
 * @property {Runtime | null} runtime Null unless it runs and its guest was asked.
 */

/** @typedef {import('../daemon/machines.js').Snapshot & { children: string[] }} SnapshotView */

/**
 * What `info` tells of an instance: itself, some of its snapshots, or both.
 *
 * @typedef {object} InfoSubject
 * @property {string} name
 * @property {InstanceView | null} instance
 * @property {SnapshotView[] | null} snapshots
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
/** Between the columns of a table. */
const GAP = 3;

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
    case 'table':
      return instances.length === 0 ? NO_INSTANCES : listTable(instances);
    default:
      throw new NotCovered(`list of instances as ${format}`);
  }
}

/**
 * For people; no such table was recorded.
 *
 * @param {readonly InstanceView[]} instances
 * @returns {string}
 */
function listTable(instances) {
  const width = Math.max(24, ...instances.map(({ name }) => name.length + 2));
  const row = (/** @type {string[]} */ [name = '', state = '', ip = '', image = '']) =>
    `${name.padEnd(width)}${state.padEnd(18)}${ip.padEnd(17)}${image}\n`;
  return [
    row(['Name', 'State', 'IPv4', 'Image']),
    ...instances.map(({ name, state, ipv4, listRelease }) => row([name, state, ipv4[0] ?? '--', listRelease])),
  ].join('');
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
    snapshot_count: String(snapshots.length),
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
    ['Snapshots', String(snapshots.length)],
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
 * A moment as the client's C library writes it.
 *
 * @param {number} time
 * @returns {string}
 */
function humanTime(time) {
  const [week = '', day = '', month = '', year = '', clock = ''] = new Date(time).toUTCString().split(/,? /);
  return `${week} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year} UTC`;
}

/**
 * @param {SnapshotView} snapshot
 * @returns {object}
 */
function snapshotObject({ comment, parent, children, cpus, memory, disk, created }) {
  return {
    size: '',
    cpu_count: String(cpus),
    disk_space: humanSize(disk),
    memory_size: humanSize(memory),
    mounts: {},
    created: humanTime(created),
    parent,
    children,
    comment,
  };
}

/**
 * @param {readonly InfoSubject[]} subjects
 * @param {string} format
 * @returns {string}
 */
export function renderInfo(subjects, format) {
  if (format === 'json') {
    const entries = subjects.map(({ name, instance, snapshots }) => [
      name,
      {
        ...(instance !== null && infoObject(instance)),
        ...(snapshots !== null && {
          snapshots: Object.fromEntries(snapshots.map((snapshot) => [snapshot.name, snapshotObject(snapshot)])),
        }),
      },
    ]);
    return `${qtJson({ errors: [], info: Object.fromEntries(entries) })}\n`;
  }
  const tables = subjects.flatMap(({ instance, snapshots }) =>
    instance === null || snapshots !== null ? [] : [infoTable(instance)],
  );
  if (format === 'table' && tables.length === subjects.length) return tables.join('\n') || NO_INSTANCES;
  throw new NotCovered(`information about ${subjects.length} instances as ${format}`);
}

/**
 * @param {readonly InstanceView[]} instances
 * @param {string} format
 * @returns {string}
 */
export function renderSnapshotList(instances, format) {
  const owners = instances.filter(({ snapshots }) => snapshots.length > 0);
  switch (format) {
    case 'json': {
      const entries = owners.map(({ name, snapshots }) => [
        name,
        Object.fromEntries(snapshots.map((one) => [one.name, { parent: one.parent, comment: one.comment }])),
      ]);
      return `${qtJson({ errors: [], info: Object.fromEntries(entries) })}\n`;
    }
    case 'table': {
      if (owners.length === 0) return 'No snapshots found.\n';
      const lines = owners.flatMap(({ name, snapshots }) =>
        snapshots.map((one) => [name, one.name, one.parent || '--', one.comment || '--']),
      );
      return columns([['Instance', 'Snapshot', 'Parent', 'Comment'], ...lines]);
    }
    default:
      throw new NotCovered(`list of snapshots as ${format}`);
  }
}

/**
 * A table whose columns are as wide as their widest text.
 *
 * @param {readonly (readonly string[])[]} lines The first is the heading.
 * @returns {string}
 */
function columns(lines) {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const pad = (/** @type {readonly string[]} */ line) =>
    line.map((text, column) => (column === line.length - 1 ? text : text.padEnd((widths[column] ?? 0) + GAP))).join('');
  return lines.map((line) => `${pad(line)}\n`).join('');
}

/**
 * @param {readonly { name: string, type: string, description: string }[]} list
 * @param {string} format
 * @returns {string}
 */
export function renderNetworks(list, format) {
  if (format === 'json') return `${qtJson({ list })}\n`;
  throw new NotCovered(`networks as ${format}`);
}

/**
 * @param {readonly { version: string, codename: string }[]} images
 * @param {string} format
 * @returns {string}
 */
export function renderImages(images, format) {
  if (format !== 'json') throw new NotCovered(`images as ${format}`);
  const entries = images.map(({ version, codename }) => [
    version,
    { aliases: [codename], os: 'Ubuntu', release: `${version} LTS`, remote: '', version: '20261101' },
  ]);
  return `${qtJson({ 'blueprints (deprecated)': {}, errors: [], images: Object.fromEntries(entries) })}\n`;
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

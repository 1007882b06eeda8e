import { humanSize, MIN_MEMORY, parseSize } from '../shared/sizes.js';
import { isInstanceName } from '../shared/names.js';
import { Refusal } from './refusal.js';
import { snapshotOf } from './selection.js';

/** @typedef {import('./machines.js').Machine} Machine */
/** @typedef {'cpus' | 'memory' | 'disk'} Property */

const INSTANCE_KEY = /^local\.([^.]+)\.(cpus|memory|disk)$/;
const SNAPSHOT_KEY = /^local\.([^.]+)\.([^.]+)\.(name|comment)$/;
const DAEMON_KEYS = ['bridged-network', 'driver', 'image.mirror', 'passphrase', 'privileged-mounts'];

/**
 * The settings of the daemon and of the instances: `local.driver`, `local.<instance>.<property>`,
 * `local.<instance>.<snapshot>.<property>`.
 *
 * @param {import('./machines.js').Machines} machines
 */
export function createInstanceSettings(machines) {
  /** @type {(name: string, verb: 'obtain' | 'update') => Machine} */
  const existing = (name, verb) => {
    const machine = machines.get(name);
    if (machine !== undefined) return machine;
    throw new Refusal(`Cannot ${verb} instance settings; instance: ${name}; reason: No such instance`);
  };
  /** @type {(key: string) => { instance: string, property: Property } | undefined} */
  const instanceKey = (key) => {
    const [, instance, property] = INSTANCE_KEY.exec(key) ?? [];
    if (instance === undefined) return undefined;
    return { instance, property: /** @type {Property} */ (property) };
  };
  /** @type {(key: string, verb: 'obtain' | 'update') => { snapshot: import('./machines.js').Snapshot, machine: Machine, property: string }} */
  const snapshotKey = (key, verb) => {
    const [, instance = '', name = '', property = ''] = SNAPSHOT_KEY.exec(key) ?? [];
    if (property === '') throw new Refusal(`Unrecognized settings key: '${key}'`);
    const machine = existing(instance, verb);
    return { machine, snapshot: snapshotOf(machine, name), property };
  };

  /** @type {(key: string) => string} */
  const get = (key) => {
    if (key === 'local.driver') return 'qemu';
    const wanted = instanceKey(key);
    if (wanted === undefined) {
      const { snapshot, property } = snapshotKey(key, 'obtain');
      return property === 'name' ? snapshot.name : snapshot.comment;
    }
    const machine = existing(wanted.instance, 'obtain');
    const value = machine[wanted.property];
    return wanted.property === 'cpus' ? String(value) : humanSize(value);
  };

  /** @type {(machine: Machine, property: Property, text: string, refuse: (reason: string) => Refusal) => number} */
  const newValue = (machine, property, text, refuse) => {
    if (property === 'cpus') {
      if (/^\d+$/.test(text) && Number(text) >= 1) return Number(text);
      throw refuse('Need a positive integer (in decimal format) of minimum 1');
    }
    const bytes = parseSize(text);
    if (bytes === undefined) throw refuse(`${text} is not a valid memory size`);
    if (property === 'memory' && bytes < MIN_MEMORY) throw refuse('Memory less than 128M minimum not allowed');
    if (property === 'disk' && bytes < machine.disk) throw refuse('Disk can only be expanded');
    return bytes;
  };

  /** @type {(key: string, value: string) => void} */
  const set = (key, value) => {
    const wanted = instanceKey(key);
    if (wanted === undefined) {
      const { machine, snapshot, property } = snapshotKey(key, 'update');
      if (property === 'comment') snapshot.comment = value;
      else {
        if (!isInstanceName(value)) throw new Refusal(`Invalid snapshot name: "${value}".`);
        for (const child of machine.snapshots) if (child.parent === snapshot.name) child.parent = value;
        if (machine.head === snapshot.name) machine.head = value;
        snapshot.name = value;
      }
      machines.save();
      return;
    }
    const { instance, property } = wanted;
    const machine = existing(instance, 'update');
    const refuse = (/** @type {string} */ reason) =>
      new Refusal(`Cannot update instance settings; instance: ${instance}; reason: ${reason}`);
    if (machine.isDeleted) throw refuse('Instance is deleted');
    if (machine.state !== 'Stopped') throw refuse('Instance must be stopped for modification');
    machine[property] = newValue(
      machine,
      property,
      value,
      (reason) => new Refusal(`Invalid setting '${key}=${value}': ${reason}`),
    );
    machines.save();
  };

  return {
    get: (/** @type {{ key: string }} */ { key }) => ({ value: get(key) }),
    set: (/** @type {{ key: string, value: string }} */ { key, value }) => set(key, value),
    keys: () => ({
      keys: [
        ...DAEMON_KEYS.map((key) => `local.${key}`),
        ...machines
          .all()
          .map(({ name }) => name)
          .sort()
          .flatMap((name) => ['bridged', 'cpus', 'disk', 'memory'].map((key) => `local.${name}.${key}`)),
      ],
    }),
  };
}

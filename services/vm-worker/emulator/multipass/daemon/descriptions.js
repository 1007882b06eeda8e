import { answersSsh } from './guest.js';
import { humanSize, parseSize } from '../shared/sizes.js';
import { Refusal, refusalFor } from './refusal.js';

const MEMORY_OF_KERNEL = 50_651_136;
const DISK_OVERHEAD = 121_819_136;
const MIN_MEMORY = 128 * 1024 ** 2;

/**
 * What the daemon tells of its instances.
 *
 * @param {import('./machines.js').Machines} machines
 */
export function createDescriptions(machines) {
  /**
   * Logs in to the guest when that is wanted and it runs; a guest that is frozen holds up the event loop here.
   *
   * @param {import('./machines.js').Machine} machine
   * @param {{ isRuntimeWanted: boolean }} options
   * @returns {Promise<import('../client/render.js').InstanceView>}
   */
  const describe = async (machine, { isRuntimeWanted }) => {
    const { name, state, isDeleted, image, address, cpus, memory, disk } = machine;
    const doesRun = !isDeleted && (state === 'Running' || state === 'Delayed Shutdown');
    if (isRuntimeWanted && doesRun && !(await answersSsh(address))) {
      throw new Refusal(`ssh connection failed: 'Connection refused'`);
    }
    const hasRuntime = isRuntimeWanted && doesRun;
    return {
      name,
      state: isDeleted ? 'Deleted' : state,
      ipv4: hasRuntime ? [address] : [],
      listRelease: image.listRelease,
      imageRelease: image.imageRelease,
      imageHash: image.hash,
      snapshots: 0,
      runtime: hasRuntime
        ? {
            release: image.guestRelease,
            cpus,
            load: [0.92, 0.86, 0.37],
            disk: { total: disk - DISK_OVERHEAD, used: 369_618_944 },
            memory: { total: memory - MEMORY_OF_KERNEL, used: 60_928_000 },
          }
        : null,
    };
  };

  /**
   * @param {{ names: readonly string[] }} request
   * @returns {import('./machines.js').Machine[]}
   */
  const named = ({ names }) => {
    if (names.length === 0) return [...machines.all()];
    const problems = [];
    const found = [];
    for (const name of names) {
      const [instance = '', snapshot] = name.split('.');
      const machine = machines.get(instance);
      if (machine === undefined) problems.push(`instance "${instance}" does not exist`);
      else if (snapshot !== undefined) problems.push(`No such snapshot: ${name}`);
      else found.push(machine);
    }
    if (problems.length > 0) throw refusalFor(problems);
    return found;
  };

  /**
   * @param {readonly import('./machines.js').Machine[]} wanted
   * @param {{ isRuntimeWanted: boolean }} request
   */
  const describeAll = async (wanted, request) => {
    const instances = [];
    for (const machine of wanted) instances.push(await describe(machine, request));
    return { instances };
  };

  /**
   * The value of a setting of an instance, `local.<name>.<property>`, or of the daemon.
   *
   * @param {string} key
   * @returns {string}
   */
  const setting = (key) => {
    if (key === 'local.driver') return 'qemu';
    const [, name = '', property = ''] = /^local\.([^.]+)\.(cpus|memory|disk)$/.exec(key) ?? [];
    if (name === '') throw new Refusal(`Unrecognized settings key: '${key}'`);
    const machine = machines.get(name);
    if (machine === undefined) {
      throw new Refusal(`Cannot obtain instance settings; instance: ${name}; reason: No such instance`);
    }
    return property === 'cpus'
      ? String(machine.cpus)
      : humanSize(property === 'memory' ? machine.memory : machine.disk);
  };

  /** @type {(machine: import('./machines.js').Machine, property: string, text: string) => number | string} */
  const newValue = (machine, property, text) => {
    if (property === 'cpus') {
      return /^[1-9]\d*$/.test(text) ? Number(text) : 'Need a positive integer (in decimal format) of minimum 1';
    }
    const bytes = parseSize(text);
    if (bytes === undefined) return `${text} is not a valid memory size`;
    if (property === 'memory') return bytes < MIN_MEMORY ? 'Memory less than 128M minimum not allowed' : bytes;
    return bytes < machine.disk ? 'Disk can only be expanded' : bytes;
  };

  /** @type {(request: { key: string, value: string }) => void} */
  const change = ({ key, value }) => {
    const [, name = '', property = ''] = /^local\.([^.]+)\.(cpus|memory|disk)$/.exec(key) ?? [];
    if (name === '') throw new Refusal(`Unrecognized settings key: '${key}'`);
    const machine = machines.get(name);
    const refuse = (/** @type {string} */ reason) =>
      new Refusal(`Cannot update instance settings; instance: ${name}; reason: ${reason}`);
    if (machine === undefined) throw refuse('No such instance');
    if (machine.isDeleted) throw refuse('Instance is deleted');
    if (machine.state !== 'Stopped') throw refuse('Instance must be stopped for modification');
    const next = newValue(machine, property, value);
    if (typeof next === 'string') throw new Refusal(`Invalid setting '${key}=${value}': ${next}`);
    Object.assign(machine, { [property]: next });
    machines.save();
  };

  const keys = () => [
    ...['bridged-network', 'driver', 'image.mirror', 'passphrase', 'privileged-mounts'].map((key) => `local.${key}`),
    ...machines
      .all()
      .map(({ name }) => name)
      .sort()
      .flatMap((name) => ['bridged', 'cpus', 'disk', 'memory'].map((key) => `local.${name}.${key}`)),
  ];

  return {
    list: (/** @type {{ isRuntimeWanted: boolean }} */ request) => describeAll(machines.all(), request),
    info: (/** @type {{ names: string[], isRuntimeWanted: boolean }} */ request) =>
      describeAll(named(request), request),
    get: (/** @type {{ key: string }} */ { key }) => ({ value: setting(key) }),
    set: change,
    keys: () => ({ keys: keys() }),
  };
}

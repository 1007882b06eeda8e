import { logLine } from '../shared/log-line.js';
import { probeSsh } from '../shared/ssh-probe.js';
import { Refusal, refusalFor } from './refusal.js';
import { snapshotOf } from './selection.js';

/** @typedef {import('./machines.js').Machine} Machine */
/** @typedef {import('../client/render.js').InstanceView} InstanceView */

const MEMORY_OF_KERNEL = 50_651_136;
const DISK_OVERHEAD = 121_819_136;
/** From how many `-v` on the daemon's log lines of these levels are shown. */
const WARNINGS_FROM = 1;
const TRACES_FROM = 4;

/**
 * What the daemon says when it has looked for the addresses of a guest.
 *
 * @param {Machine} machine
 * @returns {string[]}
 */
function addressTraces({ address }) {
  const bytes = `enp0s2           UNKNOWN        ${address}/24 metric 100 \n`.length;
  const read = (/** @type {string} */ words) => logLine('trace', 'ssh process', `/src/ssh/ssh_process.cpp:${words}`);
  return [
    logLine('trace', 'ssh session', "Executing 'ip -brief -family inet address show scope global'"),
    read('181 read_stream(type = 0, timeout = -1): '),
    read(`208 read_stream(): num_bytes = ${bytes}`),
    read('208 read_stream(): num_bytes = 0'),
  ];
}

/**
 * What the daemon tells of its instances.
 *
 * @param {import('./power.js').DaemonContext} context
 * @param {import('./power.js').Power} power
 */
export function createDescriptions({ machines, settings }, power) {
  /**
   * Logs in to the guest. One that is frozen holds up the event loop here.
   *
   * @type {(machine: Machine) => Promise<boolean>}
   */
  const logIn = async (machine) => {
    if (settings().doLoginsWedge && power.isAwaited(machine)) process.kill(process.pid, 'SIGSTOP');
    return (await probeSsh(machine.address)) === 'answers';
  };
  /** @type {(machine: Machine) => boolean} */
  const doesRun = ({ isDeleted, state }) => !isDeleted && (state === 'Running' || state === 'Delayed Shutdown');

  /** @type {(machine: Machine, hasRuntime: boolean) => InstanceView} */
  const view = ({ name, state, isDeleted, image, address, cpus, memory, disk, snapshots }, hasRuntime) => ({
    name,
    state: isDeleted ? 'Deleted' : state,
    ipv4: hasRuntime ? [address] : [],
    listRelease: image.listRelease,
    imageRelease: image.imageRelease,
    imageHash: image.hash,
    snapshots: snapshots.map((snapshot) => ({
      ...snapshot,
      children: snapshots.filter(({ parent }) => parent === snapshot.name).map((child) => child.name),
    })),
    runtime: hasRuntime
      ? {
          release: image.guestRelease,
          cpus,
          load: [0.92, 0.86, 0.37],
          disk: { total: disk - DISK_OVERHEAD, used: 369_618_944 },
          memory: { total: memory - MEMORY_OF_KERNEL, used: 60_928_000 },
        }
      : null,
  });

  /**
   * @type {(request: { isRuntimeWanted: boolean, verbosity: number }, reporter: import('./launch.js').Reporter)
   *   => Promise<{ instances: InstanceView[] }>}
   */
  const list = async ({ isRuntimeWanted, verbosity }, { log }) => {
    const instances = [];
    for (const machine of machines.all()) {
      const { hash, file } = machine.image;
      if (verbosity >= WARNINGS_FROM && file !== null) {
        const reason = `Unable to find an image matching hash "${hash}"`;
        log(logLine('warning', 'daemon', `Cannot fetch image information: ${reason}`));
      }
      const hasRuntime = isRuntimeWanted && doesRun(machine);
      // That it does not answer is no reason to keep back the address that its lease says.
      if (hasRuntime) await logIn(machine);
      if (hasRuntime && verbosity >= TRACES_FROM) for (const line of addressTraces(machine)) log(line);
      instances.push(view(machine, hasRuntime));
    }
    return { instances };
  };

  /**
   * An instance or a snapshot of one, by the name on the command line.
   *
   * @typedef {object} Subject
   * @property {Machine} machine
   * @property {string | undefined} snapshot
   */

  /** @type {(names: readonly string[]) => Subject[]} */
  const named = (names) => {
    if (names.length === 0) return machines.all().map((machine) => ({ machine, snapshot: undefined }));
    const problems = [];
    const found = [];
    for (const name of names) {
      const [instance = '', snapshot] = name.split('.');
      const machine = machines.get(instance);
      if (machine === undefined) problems.push(`instance "${instance}" does not exist`);
      else {
        try {
          if (snapshot !== undefined) snapshotOf(machine, snapshot);
          found.push({ machine, snapshot });
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          problems.push(error.message);
        }
      }
    }
    if (problems.length > 0) throw refusalFor(problems);
    return found;
  };

  /**
   * @type {(request: { names: readonly string[], isRuntimeWanted: boolean, areSnapshotsWanted: boolean })
   *   => Promise<{ subjects: import('../client/render.js').InfoSubject[] }>}
   */
  const info = async ({ names, isRuntimeWanted, areSnapshotsWanted }) => {
    /** @type {Map<string, import('../client/render.js').InfoSubject>} */
    const subjects = new Map();
    for (const { machine, snapshot } of named(names)) {
      const isInstanceMeant = snapshot === undefined && !areSnapshotsWanted;
      const hasRuntime = isInstanceMeant && isRuntimeWanted && doesRun(machine);
      if (hasRuntime && !(await logIn(machine))) throw new Refusal(`ssh connection failed: 'Connection refused'`);
      const instance = view(machine, hasRuntime);
      const known = subjects.get(machine.name) ?? { name: machine.name, instance: null, snapshots: null };
      const wanted = instance.snapshots.filter(({ name }) => snapshot === undefined || name === snapshot);
      if (isInstanceMeant) known.instance = instance;
      else if (wanted.length > 0) known.snapshots = [...(known.snapshots ?? []), ...wanted];
      if (known.instance !== null || known.snapshots !== null) subjects.set(machine.name, known);
    }
    return { subjects: [...subjects.values()] };
  };

  return { list, info };
}

import { Refusal, refusalFor } from './refusal.js';
import { oneMachine, snapshotOf } from './selection.js';
import { isInstanceName } from '../shared/names.js';

/** Where the real daemon keeps the files of an instance. */
const INSTANCES = '/var/snap/multipass/common/data/multipassd/vault/instances';

/**
 * The verbs that need an instance to be off: snapshots and clones.
 *
 * @param {import('./power.js').DaemonContext} context
 */
export function createSnapshots({ loop, machines, guests }) {
  /** @type {(name: string, refusal: string) => import('./machines.js').Machine} */
  const stopped = (name, refusal) => {
    const machine = oneMachine(machines, name);
    if (machine.state !== 'Stopped') throw new Refusal(refusal);
    return machine;
  };

  /** @type {(request: { name: string, snapshot: string | null, comment: string }) => { text: string }} */
  const snapshot = ({ name: instance, snapshot: wanted, comment }) => {
    const machine = stopped(instance, 'Multipass can only take snapshots of stopped instances.');
    if (wanted !== null && !isInstanceName(wanted)) throw new Refusal(`Invalid snapshot name: "${wanted}".`);
    const name = wanted ?? `snapshot${machine.snapshotCount + 1}`;
    if (machine.snapshots.some((one) => one.name === name)) {
      throw new Refusal(`Snapshot already exists: ${instance}.${name}`);
    }
    const { cpus, memory, disk, head } = machine;
    machine.snapshots.push({ name, comment, parent: head, cpus, memory, disk, created: Date.now() });
    machine.snapshotCount += 1;
    machine.head = name;
    machines.save();
    return { text: `Snapshot taken: ${instance}.${name}\n` };
  };

  /**
   * @type {(request: { name: string, snapshot: string, isDestructive: boolean }, reporter: { progress: (text: string) => void })
   *   => { text: string } | { isConfirmationNeeded: true }}
   */
  const restore = ({ name, snapshot: wanted, isDestructive }, { progress }) => {
    const machine = stopped(name, 'Multipass can only restore snapshots of stopped instances.');
    const { cpus, memory, disk } = snapshotOf(machine, wanted);
    if (!isDestructive) return { isConfirmationNeeded: true };
    progress('Restoring snapshot');
    Object.assign(machine, { cpus, memory, disk, head: wanted });
    machines.save();
    return { text: `Snapshot restored: ${name}.${wanted}\n` };
  };

  /** @type {(request: { name: string, clone: string | null }) => { text: string }} */
  const clone = ({ name, clone: wanted }) => {
    const machine = stopped(name, 'Multipass can only clone stopped instances.');
    if (wanted !== null && !isInstanceName(wanted)) throw new Refusal(`Invalid destination instance name: ${wanted}`);
    const target = wanted ?? `${name}-clone${machine.cloneCount + 1}`;
    if (machines.get(target) !== undefined) throw new Refusal(`instance "${target}" already exists`);
    const { file } = machine.image;
    // This version copies nothing but *.img.
    if (file !== null && !file.endsWith('.img')) {
      const open = `Could not open '${INSTANCES}/${target}/${file}'`;
      const reason = `qemu-img: ${open}: ${open}: No such file or directory`;
      throw new Refusal(
        `Cannot list snapshots from the image: qemu-img failed (Process returned exit code: 1) with output:\n${reason}\n`,
      );
    }
    guests.copy(name, target);
    const { cpus, memory, disk, image, hasBooted } = machine;
    Object.assign(machines.add({ name: target, cpus, memory, disk, image }), { hasBooted });
    machine.cloneCount += 1;
    machines.save();
    return { text: `Cloned from ${name} to ${target}.\n` };
  };

  /**
   * Snapshots among the names of a delete; nothing is done before all have been found.
   *
   * @type {(names: readonly string[]) => (() => void)[]}
   */
  const removals = (names) => {
    const problems = [];
    const found = [];
    for (const name of names) {
      const [instance = '', snapshotName = ''] = name.split('.');
      const machine = machines.get(instance);
      if (machine === undefined) problems.push(`instance "${instance}" does not exist`);
      else found.push({ machine, gone: snapshotOf(machine, snapshotName) });
    }
    if (problems.length > 0) throw refusalFor(problems);
    return found.map(({ machine, gone }) => () => {
      machine.snapshots = machine.snapshots.filter((one) => one !== gone);
      for (const child of machine.snapshots) if (child.parent === gone.name) child.parent = gone.parent;
      if (machine.head === gone.name) machine.head = gone.parent;
      machines.save();
    });
  };

  return {
    removals,
    verbs: {
      snapshot: (/** @type {Parameters<typeof snapshot>[0]} */ request) => loop.run(() => snapshot(request)),
      restore: (
        /** @type {Parameters<typeof restore>[0]} */ request,
        /** @type {import('./launch.js').Reporter} */ reporter,
      ) => loop.run(() => restore(request, reporter)),
      clone: (/** @type {Parameters<typeof clone>[0]} */ request) => loop.run(() => clone(request)),
    },
  };
}

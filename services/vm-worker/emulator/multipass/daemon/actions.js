import { pause } from './event-loop.js';
import { Refusal, refusalFor } from './refusal.js';
import { selectMachines } from './selection.js';

/** @typedef {import('./machines.js').Machine} Machine */
/** @typedef {import('../shared/protocol.js').Targets} Targets */

const MINUTE_MS = 60_000;

/**
 * The verbs that change the power of instances, or remove them.
 *
 * @param {import('./power.js').DaemonContext} context
 * @param {import('./power.js').Power} power
 * @param {(names: readonly string[]) => (() => void)[]} snapshotRemovals
 */
export function createActions({ loop, machines, guests, settings }, power, snapshotRemovals) {
  /** @type {Map<string, NodeJS.Timeout>} */
  const delayed = new Map();

  /** @type {(targets: Targets, options?: { mayBeDeleted: boolean }) => Machine[]} */
  const select = (targets, options = { mayBeDeleted: false }) => selectMachines(machines, targets, options);

  /** @type {(machine: Machine) => void} */
  const cancelDelay = (machine) => {
    clearTimeout(delayed.get(machine.name));
    delayed.delete(machine.name);
    if (machine.state === 'Delayed Shutdown') machine.state = 'Running';
    machines.save();
  };

  /** @type {(machine: Machine) => Promise<void>} */
  const shutDownLate = async (machine) => {
    cancelDelay(machine);
    try {
      await power.shutDown(machine);
    } catch (error) {
      // Nobody waits for it any more.
      if (!(error instanceof Refusal)) throw error;
    }
  };

  /** @type {(machine: Machine, hint: string) => void} */
  const refuseShutdown = ({ name, state }, hint) => {
    if (state === 'Starting') throw new Refusal(`Cannot shut down instance ${name} while starting.\n${hint}`);
    if (state === 'Suspended') throw new Refusal(`Cannot shut down suspended instance ${name}.\n${hint}`);
  };

  /** @type {(booting: readonly Machine[], waitMs: number | null) => Promise<void>} */
  const awaitAll = async (booting, waitMs) => {
    const outcomes = await Promise.all(
      booting.map(async (machine) => ({ machine, outcome: await power.awaitBoot(machine, waitMs) })),
    );
    const late = outcomes.filter(({ outcome }) => outcome === 'timed_out');
    if (late.length > 0) throw refusalFor(late.map(({ machine }) => `${machine.name}: timed out waiting for response`));
  };

  /** @type {(request: Targets & { waitMs: number | null }) => Promise<void>} */
  const start = async (request) => {
    const booting = await loop.run(() => {
      const missing = request.names.flatMap((name) => {
        const machine = machines.get(name);
        if (machine === undefined) return [`Instance '${name}' does not exist.`];
        if (!machine.isDeleted) return [];
        return [`Instance '${name}' is deleted. Use 'recover' to recover it or 'purge' to permanently delete it.`];
      });
      if (missing.length > 0) throw new Refusal(`instance(s) missing\n${missing.join('\n')}\n`);
      const wanted = select(request);
      const stuck = wanted.filter(({ state }) => state === 'Unknown');
      if (stuck.length > 0) {
        throw refusalFor(
          stuck.map(
            ({ name }) => `Instance '${name}' is already running, but in an unknown state.\nTry to stop it first.`,
          ),
        );
      }
      for (const machine of wanted) {
        if (machine.state === 'Delayed Shutdown') cancelDelay(machine);
        else if (machine.state === 'Stopped' || machine.state === 'Suspended') power.switchOn(machine);
      }
      return wanted.filter(({ state }) => state !== 'Running');
    });
    await awaitAll(booting, request.waitMs);
  };

  /** @type {(request: Targets & { waitMs: number | null }) => Promise<void>} */
  const restart = async (request) => {
    const booting = await loop.run(() => {
      const wanted = select(request);
      for (const { name, state } of wanted) {
        if (state === 'Running' || state === 'Delayed Shutdown') continue;
        // Its words for every state but this one.
        throw new Refusal(
          `Instance '${name}' is already running, but in an unknown state.\nTry to stop and start it instead.`,
        );
      }
      for (const machine of wanted) {
        cancelDelay(machine);
        power.restart(machine);
      }
      return wanted;
    });
    await awaitAll(booting, request.waitMs);
  };

  /** @type {(request: Targets & { isForced: boolean, isCancel: boolean, delayMinutes: number }) => Promise<void>} */
  const stop = (request) =>
    loop.run(async () => {
      for (const machine of select(request)) {
        if (request.isCancel) {
          cancelDelay(machine);
        } else if (request.isForced) {
          cancelDelay(machine);
          power.cut(machine);
        } else if (machine.state !== 'Stopped') {
          refuseShutdown(machine, 'Use --force to power it off.');
          cancelDelay(machine);
          if (request.delayMinutes === 0) await power.shutDown(machine);
          else {
            machine.state = 'Delayed Shutdown';
            machines.save();
            const expire = () => loop.run(() => shutDownLate(machine));
            delayed.set(machine.name, setTimeout(expire, request.delayMinutes * MINUTE_MS).unref());
          }
        }
      }
    });

  /** @type {(request: Targets & { isForGood: boolean }) => Promise<{ isConfirmationNeeded?: true }>} */
  const remove = ({ names, isAll, isForGood }) =>
    loop.run(async () => {
      const removals = snapshotRemovals(names.filter((name) => name.includes('.')));
      const instances = names.filter((name) => !name.includes('.'));
      const wanted = select({ names: instances, isAll }, { mayBeDeleted: true });
      if (removals.length > 0 && !isForGood) return { isConfirmationNeeded: true };
      for (const removeSnapshot of removals) removeSnapshot();
      for (const machine of wanted) {
        cancelDelay(machine);
        if (isForGood) {
          power.remove(machine);
        } else if (!machine.isDeleted) {
          if (machine.state === 'Starting') refuseShutdown(machine, 'Use --purge to forcefully delete it.');
          if (machine.state === 'Suspended') guests.kill(machine);
          else await power.shutDown(machine);
          machine.isDeleted = true;
          machines.save();
        }
      }
      return {};
    });

  /** @type {(request: { name: string }) => import('../shared/protocol.js').GuestAddress} */
  const sshInfo = ({ name }) => {
    const [machine] = select({ names: [name], isAll: false });
    if (machine === undefined) throw new Refusal(`instance "${name}" does not exist`);
    if (machine.state === 'Unknown') throw new Refusal('Cannot retrieve credentials in unknown state');
    const isOff = machine.state !== 'Running' && machine.state !== 'Delayed Shutdown';
    return { host: machine.address, user: 'ubuntu', isOff, isListener: machine.guest === 'listener' };
  };

  /**
   * A command in a guest that is only a socket, which knows how to be switched off, and how to do nothing.
   *
   * @type {(request: { name: string, words: readonly string[] }) => Promise<{ exitCode: number }>}
   */
  const listenerExec = ({ name, words }) =>
    loop.run(() => {
      const [machine] = select({ names: [name], isAll: false });
      const line = words.join(' ');
      if (machine?.guest !== 'listener' || line === 'true') return { exitCode: 0 };
      if (!/^sudo (?:systemctl )?poweroff$/.test(line)) return { exitCode: 127 };
      const { guest } = machine;
      void pause(settings().shutdownMs).then(() => {
        if (machine.guest === guest && settings().doGuestsShutDown) power.shutOff(machine);
      });
      return { exitCode: 0 };
    });

  return {
    start,
    restart,
    stop,
    delete: remove,
    suspend: (/** @type {Targets} */ request) =>
      loop.run(() => {
        for (const machine of select(request)) if (machine.state === 'Running') power.suspend(machine);
      }),
    recover: (/** @type {Targets} */ request) =>
      loop.run(() => {
        for (const machine of select(request, { mayBeDeleted: true })) {
          if (machine.isDeleted) Object.assign(machine, { isDeleted: false, state: 'Stopped' });
        }
        machines.save();
      }),
    purge: () =>
      loop.run(() => {
        for (const machine of machines.all().filter(({ isDeleted }) => isDeleted)) power.remove(machine);
      }),
    ssh_info: (/** @type {{ name: string }} */ request) => loop.run(() => sshInfo(request)),
    listener_exec: listenerExec,
  };
}

import { Refusal, refusalFor } from './refusal.js';

/** @typedef {import('./machines.js').Machine} Machine */
/** @typedef {{ names: readonly string[], isAll: boolean }} Targets */

const MINUTE_MS = 60_000;

/**
 * The verbs that change instances.
 *
 * @param {import('./power.js').DaemonContext} context
 * @param {import('./power.js').Power} power
 */
export function createActions({ loop, machines }, power) {
  /** @type {Map<string, NodeJS.Timeout>} */
  const delayed = new Map();

  /**
   * The instances that are meant; a single one that cannot be fails the whole request.
   *
   * @param {Targets} targets
   * @param {{ mayBeDeleted: boolean }} options
   * @returns {Machine[]}
   */
  const select = ({ names, isAll }, { mayBeDeleted }) => {
    if (isAll) return machines.all().filter(({ isDeleted }) => mayBeDeleted || !isDeleted);
    const problems = [];
    const found = [];
    for (const name of names) {
      const [instance = '', snapshot] = name.split('.');
      const machine = machines.get(instance);
      if (machine === undefined) problems.push(`instance "${instance}" does not exist`);
      else if (snapshot !== undefined) throw new Refusal(`No such snapshot: ${name}`);
      else if (machine.isDeleted && !mayBeDeleted) problems.push(`instance "${name}" is deleted`);
      else found.push(machine);
    }
    if (problems.length > 0) throw refusalFor(problems);
    return found;
  };

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
      const wanted = select(request, { mayBeDeleted: false });
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
    const outcomes = await Promise.all(
      booting.map(async (machine) => ({ machine, outcome: await power.awaitBoot(machine, request.waitMs) })),
    );
    const late = outcomes.filter(({ outcome }) => outcome === 'timed_out');
    if (late.length > 0) throw refusalFor(late.map(({ machine }) => `${machine.name}: timed out waiting for response`));
  };

  /** @type {(request: Targets & { isForced: boolean, isCancel: boolean, delayMinutes: number }) => Promise<void>} */
  const stop = (request) =>
    loop.run(async () => {
      for (const machine of select(request, { mayBeDeleted: false })) {
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

  /** @type {(request: Targets & { isForGood: boolean }) => Promise<void>} */
  const remove = (request) =>
    loop.run(async () => {
      for (const machine of select(request, { mayBeDeleted: true })) {
        cancelDelay(machine);
        if (request.isForGood) {
          power.remove(machine);
        } else if (!machine.isDeleted) {
          if (machine.state === 'Starting') refuseShutdown(machine, 'Use --purge to forcefully delete it.');
          if (machine.state !== 'Suspended') await power.shutDown(machine);
          machine.isDeleted = true;
          machines.save();
        }
      }
    });

  /** @type {(request: Targets) => Promise<void>} */
  const suspend = (request) =>
    loop.run(() => {
      for (const machine of select(request, { mayBeDeleted: false })) {
        if (machine.state === 'Running') power.suspend(machine);
      }
    });

  return {
    start,
    stop,
    delete: remove,
    suspend,
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
    ssh_info: (/** @type {{ name: string }} */ { name }) =>
      loop.run(() => {
        const [machine] = select({ names: [name], isAll: false }, { mayBeDeleted: false });
        if (machine === undefined) throw new Refusal(`instance "${name}" does not exist`);
        if (machine.state === 'Unknown') throw new Refusal('Cannot retrieve credentials in unknown state');
        const isOff = machine.state !== 'Running' && machine.state !== 'Delayed Shutdown';
        return { host: machine.address, user: 'ubuntu', isOff };
      }),
  };
}

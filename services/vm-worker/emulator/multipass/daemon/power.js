import { pause } from './event-loop.js';
import { answersSsh, installGuest, powerOnGuest, removeGuest, SSH_TRY_MS } from './guest.js';
import { killProcess, startTimeOf } from './processes.js';
import { Refusal } from './refusal.js';

/**
 * How the wait for a boot ended. `gone`: the instance was switched off or removed under it, which Multipass takes for a
 * success.
 *
 * @typedef {'up' | 'gone' | 'timed_out'} BootOutcome
 */

/**
 * What the daemon works with.
 *
 * @typedef {object} DaemonContext
 * @property {import('../shared/state-directory.js').StateDirectory} directory
 * @property {import('./machines.js').Machines} machines
 * @property {import('./event-loop.js').EventLoop} loop
 * @property {() => import('../shared/settings.js').Settings} settings
 * @property {{ publicKey: string, hostKey: string }} daemonKey
 */

/**
 * The power of the instances.
 *
 * @typedef {object} Power
 * @property {(machine: import('./machines.js').Machine) => void} switchOn
 * @property {(machine: import('./machines.js').Machine, waitMs: number | null) => Promise<BootOutcome>} awaitBoot
 * @property {(machine: import('./machines.js').Machine) => void} cut
 * @property {(machine: import('./machines.js').Machine) => Promise<void>} shutDown Holds up the event loop meanwhile.
 * @property {(machine: import('./machines.js').Machine) => void} suspend
 * @property {(machine: import('./machines.js').Machine) => void} remove
 * @property {(machine: import('./machines.js').Machine) => boolean} hasProcess
 */

const LOOK_MS = 20;

/**
 * @param {DaemonContext} context
 * @returns {Power}
 */
export function createPower({ directory, machines, settings, daemonKey }) {
  /** When the guests that are booting will reach ssh. @type {Map<string, number>} */
  const readyAt = new Map();
  /** Launches that wait for the first boot of their instance. @type {Map<string, number>} */
  const waits = new Map();

  /** @type {Power['hasProcess']} */
  const hasProcess = ({ process }) => process !== null && startTimeOf(process.pid) === process.startTime;

  /** @type {(machine: import('./machines.js').Machine, state: import('./machines.js').Machine['state']) => void} */
  const setState = (machine, state) => {
    machine.state = state;
    machines.save();
  };

  /** @type {(machine: import('./machines.js').Machine) => void} */
  const kill = (machine) => {
    if (machine.process !== null) killProcess(machine.process);
    machine.process = null;
    readyAt.delete(machine.name);
  };

  /** @type {(machine: import('./machines.js').Machine) => void} */
  const powerOn = (machine) => {
    const { name } = machine;
    const process = powerOnGuest(directory.guest(name), { name, shutdownMs: settings().shutdownMs }, (isReboot) => {
      // It ended by itself, or was killed by somebody else.
      if (machine.process !== process) return;
      machine.process = null;
      if (isReboot) void reboot(machine);
      else setState(machine, 'Stopped');
    });
    machine.process = process;
    machines.save();
  };

  /** @type {Power['switchOn']} */
  const boot = (machine) => {
    const { bootMs, doGuestsAnswer, doGuestsShutDown, doAddressesChange } = settings();
    if (doAddressesChange) machines.move(machine);
    installGuest(directory.guest(machine.name), machine, { daemonKey, doesShutDown: doGuestsShutDown });
    kill(machine);
    readyAt.set(machine.name, doGuestsAnswer ? Date.now() + bootMs : Infinity);
    powerOn(machine);
  };

  /** @type {Power['awaitBoot']} */
  const awaitBoot = async (machine, waitMs) => {
    const deadline = Date.now() + (waitMs ?? settings().waitLimitMs);
    waits.set(machine.name, (waits.get(machine.name) ?? 0) + 1);
    try {
      for (;;) {
        if (machines.get(machine.name) !== machine || !hasProcess(machine)) return 'gone';
        if (machine.state === 'Running') return 'up';
        const isReady = Date.now() >= (readyAt.get(machine.name) ?? 0);
        if (isReady && (await answersSsh(machine.address, SSH_TRY_MS)) && hasProcess(machine)) {
          machine.hasBooted = true;
          setState(machine, 'Running');
          return 'up';
        }
        if (Date.now() >= deadline) {
          // For good, whatever becomes of the guest.
          setState(machine, 'Unknown');
          return 'timed_out';
        }
        await pause(LOOK_MS);
      }
    } finally {
      waits.set(machine.name, (waits.get(machine.name) ?? 1) - 1);
    }
  };

  /** The guest did it by itself, which Multipass notices. @type {(machine: import('./machines.js').Machine) => Promise<BootOutcome>} */
  const reboot = (machine) => {
    boot(machine);
    setState(machine, 'Restarting');
    return awaitBoot(machine, null);
  };

  return {
    hasProcess,
    awaitBoot,
    switchOn(machine) {
      boot(machine);
      // Multipass says so until it knows the guest's address.
      setState(machine, machine.hasBooted ? 'Starting' : 'Unknown');
    },
    cut(machine) {
      const isFirstBoot = !machine.hasBooted && hasProcess(machine) && (waits.get(machine.name) ?? 0) > 0;
      kill(machine);
      setState(machine, isFirstBoot ? 'Unknown' : 'Stopped');
    },
    async shutDown(machine) {
      // Nothing to shut down, and Multipass leaves it at that.
      if (!hasProcess(machine)) return;
      const { shutdownMs, shutdownLimitMs, doGuestsShutDown } = settings();
      const doesHeed = doGuestsShutDown && Date.now() >= (readyAt.get(machine.name) ?? 0);
      await pause(doesHeed ? shutdownMs : shutdownLimitMs);
      if (doesHeed) {
        kill(machine);
        setState(machine, 'Stopped');
      } else if (hasProcess(machine)) {
        throw new Refusal(
          `The QEMU process did not finish within ${shutdownLimitMs} milliseconds after being shutdown`,
        );
      }
    },
    suspend(machine) {
      kill(machine);
      setState(machine, 'Suspended');
    },
    remove(machine) {
      kill(machine);
      removeGuest(directory.guest(machine.name));
      machines.remove(machine.name);
    },
  };
}

import { pause, pauseFor } from './event-loop.js';
import { probeSsh } from '../shared/ssh-probe.js';
import { Refusal } from './refusal.js';

/** @typedef {import('./machines.js').Machine} Machine */

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
 * @property {import('./guests.js').Guests} guests
 * @property {() => import('../shared/settings.js').Settings} settings
 * @property {{ publicKey: string, hostKey: string }} daemonKey
 */

/**
 * The power of the instances.
 *
 * @typedef {object} Power
 * @property {(machine: Machine) => void} switchOn Also resumes one that is suspended.
 * @property {(machine: Machine) => void} restart
 * @property {(machine: Machine, waitMs: number | null) => Promise<BootOutcome>} awaitBoot
 * @property {(machine: Machine, wait: () => Promise<void>) => Promise<void>} awaiting Waits for more than the boot.
 * @property {(machine: Machine) => boolean} isAwaited Whether a launch or a start waits for it.
 * @property {(machine: Machine) => void} cut
 * @property {(machine: Machine) => void} shutOff It has gone down by itself.
 * @property {(machine: Machine) => Promise<void>} shutDown Holds up the event loop meanwhile.
 * @property {(machine: Machine) => void} suspend
 * @property {(machine: Machine) => void} remove
 */

const LOOK_MS = 20;
/** How long a try to see a booting guest's sshd takes at most. */
const SSH_TRY_MS = 1000;

/**
 * @param {DaemonContext} context
 * @returns {Power}
 */
export function createPower({ machines, guests, settings }) {
  /** The guests that are on their way to ssh. @type {Map<string, { since: number, how: 'boot' | 'resume' | 'never' }>} */
  const boots = new Map();
  /** How many launches and starts wait for an instance. @type {Map<string, number>} */
  const waits = new Map();

  /** @type {(machine: Machine, state: Machine['state']) => void} */
  const setState = (machine, state) => {
    machine.state = state;
    machines.save();
  };
  /** @type {(machine: Machine) => boolean} */
  const isReady = ({ name }) => {
    const { since, how } = boots.get(name) ?? { since: 0, how: 'boot' };
    const { bootMs, resumeMs } = settings();
    return how !== 'never' && Date.now() >= since + (how === 'resume' ? resumeMs : bootMs);
  };
  /** @type {(machine: Machine) => void} */
  const kill = (machine) => {
    guests.kill(machine);
    boots.delete(machine.name);
  };
  /** @type {(machine: Machine, delayMs?: number) => void} */
  const switchPowerOn = (machine, delayMs = 0) => {
    if (settings().doAddressesChange) machines.move(machine);
    guests.powerOn(machine, endOf(machine), delayMs);
    machines.save();
  };
  /** @type {(machine: Machine) => import('./guests.js').OnEnd} It ended or rebooted by itself, or somebody killed it. */
  const endOf = (machine) => (guest, isReboot) => {
    if (machine.guest !== guest) return;
    // Of which the daemon takes no notice.
    if (isReboot) return switchPowerOn(machine, settings().bootMs);
    Object.assign(machine, { guest: null, isFrozen: false });
    setState(machine, 'Stopped');
  };
  /** @type {(machine: Machine) => void} */
  const powerOn = (machine) => {
    boots.set(machine.name, { since: Date.now(), how: settings().doGuestsAnswer ? 'boot' : 'never' });
    switchPowerOn(machine);
  };

  /** @type {<Result>(machine: Machine, wait: () => Promise<Result>) => Promise<Result>} */
  const awaiting = async ({ name }, wait) => {
    waits.set(name, (waits.get(name) ?? 0) + 1);
    try {
      return await wait();
    } finally {
      waits.set(name, (waits.get(name) ?? 1) - 1);
    }
  };
  /** @type {Power['awaitBoot']} */
  const awaitBoot = async (machine, waitMs) => {
    const began = Date.now();
    for (;;) {
      if (machines.get(machine.name) !== machine || !guests.isOn(machine)) return 'gone';
      if (machine.state === 'Running') return 'up';
      if (isReady(machine) && (await probeSsh(machine.address, SSH_TRY_MS)) === 'answers' && guests.isOn(machine)) {
        machine.hasBooted = true;
        boots.delete(machine.name);
        setState(machine, 'Running');
        return 'up';
      }
      const { waitLimitMs, waitSlackMs } = settings();
      if (Date.now() >= began + (waitMs === null ? waitLimitMs : waitMs + waitSlackMs)) {
        // For good, whatever becomes of the guest.
        setState(machine, 'Unknown');
        return 'timed_out';
      }
      await pause(LOOK_MS);
    }
  };

  return {
    switchOn(machine) {
      if (machine.isFrozen && guests.thaw(machine, endOf(machine))) {
        boots.set(machine.name, { since: Date.now(), how: 'resume' });
        setState(machine, 'Starting');
        return;
      }
      powerOn(machine);
      // Multipass says so until it knows the guest's address.
      setState(machine, machine.hasBooted ? 'Starting' : 'Unknown');
    },
    restart(machine) {
      powerOn(machine);
      setState(machine, 'Restarting');
    },
    isAwaited: ({ name }) => (waits.get(name) ?? 0) > 0,
    awaiting,
    awaitBoot: (machine, waitMs) => awaiting(machine, () => awaitBoot(machine, waitMs)),
    cut(machine) {
      const isFirstBoot = !machine.hasBooted && guests.isOn(machine) && (waits.get(machine.name) ?? 0) > 0;
      kill(machine);
      setState(machine, isFirstBoot ? 'Unknown' : 'Stopped');
    },
    shutOff(machine) {
      kill(machine);
      setState(machine, 'Stopped');
    },
    async shutDown(machine) {
      // Nothing to shut down, and Multipass leaves it at that.
      if (!guests.isOn(machine)) return;
      const doesHeed = settings().doGuestsShutDown && isReady(machine);
      await pauseFor(() => (doesHeed ? settings().shutdownMs : settings().shutdownLimitMs));
      if (doesHeed) {
        kill(machine);
        setState(machine, 'Stopped');
      } else if (guests.isOn(machine)) {
        const { shutdownLimitMs } = settings();
        throw new Refusal(
          `The QEMU process did not finish within ${shutdownLimitMs} milliseconds after being shutdown`,
        );
      }
    },
    suspend(machine) {
      guests.freeze(machine);
      setState(machine, 'Suspended');
    },
    remove(machine) {
      kill(machine);
      guests.remove(machine.name);
      machines.remove(machine.name);
    },
  };
}

import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { installGuest } from './guest-files.js';
import { listenAsGuest } from './guest-listener.js';
import { powerOnGuest } from './guest-process.js';
import { signalProcess, signalTree, startTimeOf } from './processes.js';

/**
 * What gives an instance its power: a process, or a socket of the daemon.
 *
 * @typedef {import('./processes.js').ProcessRef | 'listener'} GuestRef
 */

/** @typedef {import('./machines.js').Machine} Machine */

/** How the power of an instance ended: by whatever, or by a reboot from within. @typedef {(guest: GuestRef, isReboot: boolean) => void} OnEnd */

/**
 * The guests of the instances.
 *
 * @typedef {object} Guests
 * @property {(machine: Machine) => boolean} isOn
 * @property {(name: string, userData: string | null) => void} prepare Keeps the user-data of a new instance.
 * @property {(from: string, to: string) => void} copy Keeps that of a clone.
 * @property {(machine: Machine, onEnd: OnEnd, delayMs: number) => void} powerOn It answers after the delay, at the earliest.
 * @property {(machine: Machine) => void} kill
 * @property {(machine: Machine) => void} freeze
 * @property {(machine: Machine, onEnd: OnEnd) => boolean} thaw Goes on; false when there is nothing to go on with.
 * @property {(name: string) => void} remove
 */

const WATCH_MS = 100;

/**
 * @param {object} context
 * @param {import('../shared/state-directory.js').StateDirectory} context.directory
 * @param {() => import('../shared/settings.js').Settings} context.settings
 * @param {{ publicKey: string, hostKey: string }} context.daemonKey
 * @returns {Guests}
 */
export function createGuests({ directory, settings, daemonKey }) {
  /** @type {Map<string, ReturnType<typeof listenAsGuest>>} */
  const listeners = new Map();

  /** @type {Guests['isOn']} */
  const isOn = ({ name, guest }) => {
    if (guest === null) return false;
    if (guest === 'listener') return listeners.get(name)?.isOn() === true;
    return startTimeOf(guest.pid) === guest.startTime;
  };
  /** @type {Guests['kill']} */
  const kill = (machine) => {
    if (machine.guest === 'listener') {
      listeners.get(machine.name)?.close();
      listeners.delete(machine.name);
    } else if (machine.guest !== null) signalProcess(machine.guest, 'SIGKILL');
    Object.assign(machine, { guest: null, isFrozen: false });
  };

  return {
    isOn,
    kill,
    prepare(name, userData) {
      mkdirSync(directory.guest(name), { recursive: true });
      if (userData !== null) writeFileSync(join(directory.guest(name), 'user-data'), userData, { mode: 0o600 });
    },
    copy: (from, to) => cpSync(directory.guest(from), directory.guest(to), { recursive: true }),
    powerOn(machine, onEnd, delayMs) {
      kill(machine);
      const { guests, shutdownMs, isOnline, doGuestsShutDown } = settings();
      if (guests === 'listener') {
        listeners.set(machine.name, listenAsGuest(machine.address));
        machine.guest = 'listener';
        return;
      }
      const path = directory.guest(machine.name);
      const hostname = installGuest(path, machine, { daemonKey, isOnline, doesShutDown: doGuestsShutDown });
      const guest = powerOnGuest(path, { hostname, shutdownMs, delayMs }, (isReboot) => onEnd(guest, isReboot));
      machine.guest = guest;
    },
    freeze(machine) {
      if (machine.guest === 'listener') listeners.get(machine.name)?.close();
      else if (machine.guest !== null) signalTree(machine.guest, 'SIGSTOP');
      machine.isFrozen = true;
    },
    thaw(machine, onEnd) {
      machine.isFrozen = false;
      const { guest } = machine;
      if (guest === 'listener') {
        listeners.set(machine.name, listenAsGuest(machine.address));
        return true;
      }
      if (guest === null || !isOn(machine)) return false;
      signalTree(guest, 'SIGCONT');
      // It may be the child of a daemon before this one, whose end nobody tells.
      const watch = setInterval(() => {
        if (startTimeOf(guest.pid) === guest.startTime) return;
        clearInterval(watch);
        onEnd(guest, false);
      }, WATCH_MS).unref();
      return true;
    },
    remove: (name) => rmSync(directory.guest(name), { recursive: true, force: true }),
  };
}

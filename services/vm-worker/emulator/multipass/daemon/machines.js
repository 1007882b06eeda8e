import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * An instance.
 *
 * @typedef {object} Machine
 * @property {string} name
 * @property {'Running' | 'Starting' | 'Restarting' | 'Stopped' | 'Suspended' | 'Unknown' | 'Delayed Shutdown'} state
 * @property {boolean} isDeleted
 * @property {boolean} hasBooted Whether it ever did, so that its address is known.
 * @property {number} cpus
 * @property {number} memory Bytes.
 * @property {number} disk Bytes.
 * @property {string} address
 * @property {import('./images.js').Image} image
 * @property {string | null} userData
 * @property {{ pid: number, startTime: string } | null} process
 */

/**
 * The instances, kept in a file.
 *
 * @typedef {object} Machines
 * @property {() => readonly Machine[]} all In the order in which they are listed: newest first, deleted ones last.
 * @property {(name: string) => Machine | undefined} get
 * @property {(machine: Omit<Machine, 'address'>) => Machine} add Gives it an address.
 * @property {(name: string) => void} remove
 * @property {(machine: Machine) => void} move Gives it another address, which nobody had lately.
 * @property {() => void} save To be called after every change of a machine.
 */

const FIRST_ADDRESS = 2;
const LAST_ADDRESS = 254;

/** A part of the loopback network for this daemon alone, most likely. */
function chooseNetwork() {
  return `127.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}

/**
 * @param {string} file
 * @returns {Machines}
 */
export function openMachines(file) {
  /** @type {{ network: string, machines: Machine[] }} */
  const state = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { network: chooseNetwork(), machines: [] };
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const freeAddress = (first = FIRST_ADDRESS) => {
    const taken = new Set(state.machines.map(({ address }) => address));
    for (let last = first; last <= LAST_ADDRESS; last += 1) {
      const address = `${state.network}.${last}`;
      if (!taken.has(address)) return address;
    }
    throw new Error('all addresses are taken');
  };
  save();
  return {
    all: () => [
      ...state.machines.filter(({ isDeleted }) => !isDeleted),
      ...state.machines.filter(({ isDeleted }) => isDeleted),
    ],
    get: (name) => state.machines.find((machine) => machine.name === name),
    add(given) {
      const machine = { ...given, address: freeAddress() };
      state.machines.unshift(machine);
      save();
      return machine;
    },
    remove(name) {
      state.machines = state.machines.filter((machine) => machine.name !== name);
      save();
    },
    move(machine) {
      const last = Number(machine.address.split('.').at(-1));
      machine.address = freeAddress(last < LAST_ADDRESS ? last + 1 : FIRST_ADDRESS);
      save();
    },
    save,
  };
}

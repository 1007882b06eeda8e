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
 * @property {import('./guests.js').GuestRef | null} guest Null while it has no power.
 * @property {boolean} isFrozen Whether what it was doing is kept: it was suspended.
 * @property {Snapshot[]} snapshots The oldest first.
 * @property {number} snapshotCount How many were ever taken.
 * @property {string} head The snapshot that it goes on from; empty when none.
 * @property {number} cloneCount How many clones were ever made of it.
 */

/**
 * A state of an instance that can be returned to.
 *
 * @typedef {object} Snapshot
 * @property {string} name
 * @property {string} comment
 * @property {string} parent Empty when it has none.
 * @property {number} cpus
 * @property {number} memory
 * @property {number} disk
 * @property {number} created Milliseconds since the epoch.
 */

/**
 * The instances, kept in a file.
 *
 * @typedef {object} Machines
 * @property {() => readonly Machine[]} all In the order in which they are listed: newest first, deleted ones last.
 * @property {(name: string) => Machine | undefined} get
 * @property {(machine: Pick<Machine, 'name' | 'cpus' | 'memory' | 'disk' | 'image'>) => Machine} add Gives it an address.
 * @property {(name: string) => void} remove
 * @property {(machine: Machine) => void} move Gives it another address, which nobody had lately.
 * @property {() => void} save To be called after every change of a machine.
 * @property {() => void} flush Writes what is still to be saved.
 * @property {(client: string) => boolean} isTrusted The first client that ever asks is trusted, and nobody else.
 */

const HOSTS = { first: 2, last: 254 };
const NETWORKS = 254;
const EAGER = 50;
const LAZY_MS = 100;

/**
 * A part of the loopback network for this daemon alone, most likely; large enough for a thousand instances.
 *
 * @returns {{ prefix: string, first: number }}
 */
function chooseNetwork() {
  return { prefix: `127.${randomInt(1, 255)}`, first: randomInt(1, NETWORKS) };
}

/**
 * @param {string} file
 * @returns {Machines}
 */
export function openMachines(file) {
  /** @type {{ network: { prefix: string, first: number }, machines: Machine[], client: string | null }} */
  const state = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { network: chooseNetwork(), machines: [], client: null };
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  // So that a crash loses nothing; a thousand instances are too much to write at every change.
  const save = () => {
    if (state.machines.length <= EAGER) flush();
    else timer ??= setTimeout(flush, LAZY_MS);
  };
  const addresses = Array.from({ length: NETWORKS }, (_, network) => {
    const part = 1 + ((state.network.first + network) % NETWORKS);
    return Array.from({ length: HOSTS.last - HOSTS.first + 1 }, (__, host) => {
      return `${state.network.prefix}.${part}.${HOSTS.first + host}`;
    });
  }).flat();
  const freeAddress = (before = '') => {
    const taken = new Set(state.machines.map(({ address }) => address));
    const index = addresses.indexOf(before);
    for (let step = 1; step <= addresses.length; step += 1) {
      const address = addresses[(index + step) % addresses.length];
      if (address !== undefined && !taken.has(address)) return address;
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
      /** @type {Machine} */
      const machine = {
        ...given,
        address: freeAddress(),
        state: 'Stopped',
        isDeleted: false,
        hasBooted: false,
        guest: null,
        isFrozen: false,
        snapshots: [],
        snapshotCount: 0,
        head: '',
        cloneCount: 0,
      };
      state.machines.unshift(machine);
      save();
      return machine;
    },
    remove(name) {
      state.machines = state.machines.filter((machine) => machine.name !== name);
      save();
    },
    move(machine) {
      machine.address = freeAddress(machine.address);
      save();
    },
    save,
    flush,
    isTrusted(client) {
      if (state.client === null) {
        state.client = client;
        save();
      }
      return state.client === client;
    },
  };
}

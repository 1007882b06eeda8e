import { Refusal, refusalFor } from './refusal.js';

/** @typedef {import('./machines.js').Machine} Machine */
/** @typedef {import('../shared/protocol.js').Targets} Targets */

/**
 * The instances that are meant; a single one that cannot be fails the whole request.
 *
 * @param {import('./machines.js').Machines} machines
 * @param {Targets} targets
 * @param {{ mayBeDeleted: boolean }} options
 * @returns {Machine[]}
 */
export function selectMachines(machines, { names, isAll }, { mayBeDeleted }) {
  if (isAll) return machines.all().filter(({ isDeleted }) => mayBeDeleted || !isDeleted);
  const problems = [];
  const found = [];
  for (const name of names) {
    const machine = machines.get(name);
    if (machine === undefined) problems.push(`instance "${name}" does not exist`);
    else if (machine.isDeleted && !mayBeDeleted) problems.push(`instance "${name}" is deleted`);
    else found.push(machine);
  }
  if (problems.length > 0) throw refusalFor(problems);
  return found;
}

/**
 * One instance, as the verbs that take only one say what is wrong with it.
 *
 * @param {import('./machines.js').Machines} machines
 * @param {string} name
 * @returns {Machine}
 */
export function oneMachine(machines, name) {
  const machine = machines.get(name);
  if (machine === undefined) throw new Refusal(`instance "${name}" does not exist`);
  if (machine.isDeleted) throw new Refusal(`instance "${name}" is deleted`);
  return machine;
}

/**
 * A snapshot by the name that it has on the command line, `<instance>.<snapshot>`.
 *
 * @param {Machine} machine
 * @param {string} name
 * @returns {import('./machines.js').Snapshot}
 */
export function snapshotOf(machine, name) {
  const snapshot = machine.snapshots.find((one) => one.name === name);
  if (snapshot === undefined) throw new Refusal(`No such snapshot: ${machine.name}.${name}`);
  return snapshot;
}

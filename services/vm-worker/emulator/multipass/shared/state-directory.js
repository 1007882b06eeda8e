import { join } from 'node:path';

/**
 * Where everything of one emulated Multipass lies.
 *
 * @typedef {object} StateDirectory
 * @property {string} root
 * @property {string} program The client.
 * @property {string} socket
 * @property {string} certificate Exists once the daemon has run.
 * @property {string} settings
 * @property {string} state
 * @property {string} faults
 * @property {string} calls The log of the calls of the client.
 * @property {(name: string) => string} guest
 * @property {string} clientKey The key by which the daemon logs in to guests.
 */

/**
 * The layout below `root`.
 *
 * @param {string} root
 * @returns {StateDirectory}
 */
export function stateDirectory(root) {
  return {
    root,
    program: join(root, 'multipass'),
    socket: join(root, 'multipass_socket'),
    certificate: join(root, 'multipass_root_cert.pem'),
    settings: join(root, 'settings.json'),
    state: join(root, 'state.json'),
    faults: join(root, 'faults'),
    calls: join(root, 'calls.jsonl'),
    guest: (name) => join(root, 'guests', name),
    clientKey: join(root, 'id_multipass'),
  };
}

/**
 * The state directory that the environment names.
 *
 * @returns {StateDirectory}
 */
export function stateDirectoryOfEnvironment() {
  const root = process.env['MULTIPASS_EMULATOR_DIR'];
  if (root === undefined || !root.startsWith('/')) {
    process.stderr.write('MULTIPASS_EMULATOR_DIR must be the absolute path of the state directory of the emulator\n');
    process.exit(70);
  }
  return stateDirectory(root);
}

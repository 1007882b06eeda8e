import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Something that ends the client with its last words: exit code 1. */
export class ClientCrash extends Error {}

/**
 * Who the client is: the certificate in the data directory of its user, for which the emulator takes the path alone. It
 * writes nothing there, where a real Multipass may have its own.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string}
 */
export function clientIdentity({ HOME, XDG_DATA_HOME }) {
  const data = XDG_DATA_HOME ?? join(HOME ?? homedir(), '.local/share');
  const directory = join(data, 'multipass-client-certificate');
  let existing = directory;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    throw new ClientCrash(`unable to create directory '${directory}'`);
  }
  return directory;
}

/**
 * Where the daemon listens, unless the environment names another place.
 *
 * @param {string} socket
 * @param {NodeJS.ProcessEnv} environment
 * @returns {import('node:net').NetConnectOpts}
 */
export function serverAddress(socket, { MULTIPASS_SERVER_ADDRESS: address }) {
  if (address === undefined) return { path: socket };
  const [server = '', rest] = address.split(':');
  const isSocket = server === 'unix';
  if (rest === undefined || rest === '') {
    throw new ClientCrash(`missing ${isSocket ? 'socket file' : 'port number'} in address '${address}'`);
  }
  if (isSocket) return { path: rest };
  if (!/^\d+$/.test(rest)) throw new ClientCrash(`invalid port number in address '${address}'`);
  return { host: server, port: Number(rest) };
}

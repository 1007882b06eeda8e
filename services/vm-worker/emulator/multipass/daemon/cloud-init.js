import { Buffer } from 'node:buffer';
import { isMap, isSeq, parse, parseDocument } from 'yaml';
import { Refusal } from './refusal.js';

const NOT_A_MAPPING = 'yaml-cpp: error at line 1, column 1: operator[] call on a scalar (key: "users")';

/**
 * The user-data of a guest as the daemon writes it: the lists that it needs an entry in get one, where they are.
 *
 * @param {string | null} userData
 * @param {string} daemonPublicKey
 * @returns {string | null}
 */
export function completeUserData(userData, daemonPublicKey) {
  if (userData === null) return null;
  // Every scalar as it is written: what it means is for the guest to say.
  const document = parseDocument(userData, { schema: 'failsafe' });
  if (document.contents === null) return '#cloud-config\n';
  if (!isMap(document.contents)) {
    // An empty file, in which there is nothing but a null.
    if (String(document.contents).trim() === '~') return '#cloud-config\n';
    throw new Refusal(NOT_A_MAPPING);
  }
  for (const [key, entry] of [
    ['users', 'default'],
    ['packages', 'pollinate'],
    ['ssh_authorized_keys', daemonPublicKey.trim()],
  ]) {
    const list = document.get(key);
    if (isSeq(list)) list.add(entry);
  }
  return `#cloud-config\n${document.toString({ lineWidth: 0 })}`;
}

/**
 * What the emulated guest does with its user-data. Packages and commands are not among it.
 *
 * @typedef {object} GuestConfig
 * @property {string | undefined} hostname
 * @property {string[]} authorizedKeys
 * @property {string | undefined} hostKey
 * @property {{ path: string, content: string }[]} files
 */

/**
 * @param {string | null} userData
 * @returns {GuestConfig}
 */
export function readUserData(userData) {
  const config = userData === null ? {} : (parse(userData, { schema: 'yaml-1.1' }) ?? {});
  /** @type {string[]} */
  const authorizedKeys = [...(config.ssh_authorized_keys ?? [])];
  for (const user of config.users ?? []) authorizedKeys.push(...(user?.ssh_authorized_keys ?? []));
  /** @type {{ path: string, content?: unknown, encoding?: string }[]} */
  const files = config.write_files ?? [];
  return {
    // Anything but a text is no name for cloud-init either.
    hostname: typeof config.hostname === 'string' ? config.hostname : undefined,
    authorizedKeys,
    hostKey: config.ssh_keys?.ed25519_private,
    files: files.map(({ path, content = '', encoding = '' }) => ({
      path,
      content: /^(?:b64|base64)$/.test(encoding)
        ? Buffer.from(String(content), 'base64').toString('utf8')
        : String(content),
    })),
  };
}

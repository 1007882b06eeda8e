import { existsSync, readFileSync } from 'node:fs';

/**
 * How the emulated Multipass and its guests behave. The file is read again at each use, so a test may change it at any time.
 *
 * @typedef {object} Settings
 * @property {number} downloadMs Fetching an image by its alias.
 * @property {number} prepareMs Making the disk of an instance.
 * @property {number} bootMs Until the guest's sshd answers.
 * @property {number} cloudInitMs From then until cloud-init is done.
 * @property {number} shutdownMs From the wish to shut down until the guest is off.
 * @property {number} shutdownLimitMs How long a graceful stop waits, and with it everybody else.
 * @property {number} waitLimitMs How long the daemon waits for ssh, and again for cloud-init, without `--timeout`.
 * @property {boolean} isOnline Image servers are reachable.
 * @property {boolean} isNoisy The daemon logs errors about its blueprints, as it does without a network.
 * @property {boolean} isClientTrusted
 * @property {boolean} doGuestsAnswer Whether the guests that boot from now on reach ssh at all.
 * @property {boolean} doGuestsShutDown Whether guests heed the wish to shut down.
 * @property {boolean} doAddressesChange Whether guests come up with another address each time.
 */

/** @type {Settings} */
export const DEFAULT_SETTINGS = {
  downloadMs: 60,
  prepareMs: 60,
  bootMs: 80,
  cloudInitMs: 60,
  shutdownMs: 60,
  shutdownLimitMs: 300_000,
  waitLimitMs: 300_000,
  isOnline: true,
  isNoisy: false,
  isClientTrusted: true,
  doGuestsAnswer: true,
  doGuestsShutDown: true,
  doAddressesChange: false,
};

/**
 * @param {string} file
 * @returns {Settings}
 */
export function readSettings(file) {
  return existsSync(file) ? { ...DEFAULT_SETTINGS, ...JSON.parse(readFileSync(file, 'utf8')) } : DEFAULT_SETTINGS;
}

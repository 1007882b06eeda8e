import { existsSync, readFileSync, statSync } from 'node:fs';

/**
 * How the emulated Multipass and its guests behave. The file is looked at again at each use, so a test may change it at any
 * time, also in the middle of a boot.
 *
 * @typedef {object} Settings
 * @property {number} lookupMs Asking the image servers for what there is, before a launch says anything.
 * @property {number} downloadMs Fetching an image by its alias.
 * @property {number} prepareMs Making the disk of an instance.
 * @property {number} bootMs Until the guest's sshd answers.
 * @property {number} resumeMs Until the guest of a suspended instance answers again.
 * @property {number} cloudInitMs From then until cloud-init is done.
 * @property {number} shutdownMs From the wish to shut down until the guest is off.
 * @property {number} shutdownLimitMs How long a graceful stop waits, and with it everybody else.
 * @property {number} waitLimitMs How long the daemon waits for ssh, and again for cloud-init, without `--timeout`.
 * @property {number} waitSlackMs By how much the daemon's wait is longer than the `--timeout` of the client.
 * @property {number} sshTimeoutMs How long `exec` waits for a guest to speak.
 * @property {boolean} isOnline Image servers are reachable, from the guests too.
 * @property {boolean} isNoisy The daemon logs errors about its blueprints, as it does without a network.
 * @property {boolean} isClientTrusted Otherwise every client is refused; those of another home than the first always are.
 * @property {boolean} doGuestsAnswer Whether the guests that boot from now on reach ssh at all.
 * @property {boolean} doGuestsShutDown Whether guests heed the wish to shut down.
 * @property {boolean} doLoginsWedge Whether `info` and plain `list`, when they log in to a guest for which a launch or a start
 *   still waits, wedge the daemon for ever. With the real one that is a race, lost now and then.
 * @property {'sshd' | 'listener'} guests What boots: an sshd in namespaces of its own, or, cheap enough for hundreds, a socket
 *   of the daemon that says the greeting of one.
 * @property {boolean} doAddressesChange Whether guests come up with another address each time.
 */

/** @type {Settings} */
export const DEFAULT_SETTINGS = {
  lookupMs: 0,
  downloadMs: 60,
  prepareMs: 60,
  bootMs: 80,
  resumeMs: 40,
  cloudInitMs: 60,
  shutdownMs: 60,
  shutdownLimitMs: 300_000,
  waitLimitMs: 300_000,
  waitSlackMs: 0,
  sshTimeoutMs: 5000,
  isOnline: true,
  isNoisy: false,
  isClientTrusted: true,
  doGuestsAnswer: true,
  doGuestsShutDown: true,
  doLoginsWedge: false,
  guests: 'sshd',
  doAddressesChange: false,
};

/**
 * @param {string} file
 * @returns {Settings}
 */
export function readSettings(file) {
  return existsSync(file) ? { ...DEFAULT_SETTINGS, ...JSON.parse(readFileSync(file, 'utf8')) } : DEFAULT_SETTINGS;
}

/**
 * A reader for one that asks often: the file is read again only when it is another one.
 *
 * @param {string} file
 * @returns {() => Settings}
 */
export function settingsReader(file) {
  let known = '';
  let settings = DEFAULT_SETTINGS;
  return () => {
    const stat = statSync(file, { throwIfNoEntry: false });
    const now = stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (now !== known) settings = readSettings(file);
    known = now;
    return settings;
  };
}

import { errorLogLine } from '../shared/log-line.js';
import { isInstanceName } from '../shared/names.js';
import { MIN_DISK, MIN_MEMORY } from '../shared/sizes.js';
import { completeUserData } from './cloud-init.js';
import { pauseFor } from './event-loop.js';
import { checkImageName, fetchImage } from './images.js';
import { Refusal, refusalFor } from './refusal.js';

const DEFAULT_MEMORY = 1024 ** 3;
const DEFAULT_DISK = 5 * 1024 ** 3;
const PERCENTS = [0, 25, 50, 75, 100];
const BLUEPRINTS = 'https://codeload.github.com/canonical/multipass-blueprints/zip/refs/heads/main';

/** @typedef {import('../shared/protocol.js').LaunchRequest} LaunchRequest */

/**
 * What the client hears before the end.
 *
 * @typedef {object} Reporter
 * @property {(line: string) => void} log
 * @property {(message: string) => void} progress
 * @property {(text: string) => void} percent
 */

/** @param {Reporter} reporter */
function complainAboutBlueprints({ log }) {
  log(errorLogLine('url downloader', `Failed to get ${BLUEPRINTS}: Error opening ${BLUEPRINTS}`));
  const reason = `failed to download from '${BLUEPRINTS}': Error opening ${BLUEPRINTS}`;
  log(errorLogLine('blueprint provider', `Error fetching Blueprints: ${reason}`));
}

/** @param {LaunchRequest} request */
function validate({ name, memory, disk, network }) {
  const problems = [];
  if (memory !== null && memory.bytes < MIN_MEMORY)
    problems.push(`Invalid memory size value supplied: ${memory.text}.`);
  if (disk !== null && disk.bytes < MIN_DISK) problems.push(`Invalid disk size value supplied: ${disk.text}.`);
  if (name !== null && !isInstanceName(name)) problems.push(`Invalid instance name supplied: ${name}`);
  if (network !== null) problems.push('Invalid network options supplied');
  const last = problems.at(-1);
  if (last !== undefined) throw new Refusal(`Invalid arguments supplied\n${last}`);
}

/**
 * A launch: the first checks on the event loop, then the image beside it, then the instance on it, then the waits.
 *
 * @param {import('./power.js').DaemonContext} context
 * @param {import('./power.js').Power} power
 * @returns {(request: LaunchRequest, reporter: Reporter) => Promise<{ text: string }>}
 */
export function createLaunch({ loop, machines, guests, settings, daemonKey }, power) {
  /** @type {Set<string>} */
  const preparing = new Set();
  let unnamed = 0;

  /** @type {(request: LaunchRequest, reporter: Reporter) => string} */
  const admit = (request, reporter) => {
    const { isNoisy, isOnline } = settings();
    if (isNoisy) complainAboutBlueprints(reporter);
    validate(request);
    const name = request.name ?? `emulated-${(unnamed += 1)}`;
    if (machines.get(name) !== undefined) throw new Refusal(`instance "${name}" already exists`);
    if (preparing.has(name)) throw new Refusal(`instance "${name}" is being prepared`);
    checkImageName(request.image, isOnline);
    preparing.add(name);
    return name;
  };

  /** @type {(name: string, request: LaunchRequest, reporter: Reporter) => Promise<import('./images.js').Image>} */
  const prepare = async (name, request, reporter) => {
    const { isNoisy } = settings();
    await pauseFor(() => settings().lookupMs);
    reporter.progress(`Creating ${name}`);
    if (isNoisy) complainAboutBlueprints(reporter);
    if (/^https?:/.test(request.image)) {
      const url = request.image.replace(/^http:/, 'https:');
      reporter.log(errorLogLine('url downloader', `Cannot retrieve headers for ${url}: Connection refused`));
    }
    const image = fetchImage(request.image);
    if (image.isDownloaded) {
      for (const percent of PERCENTS) {
        reporter.percent(`Retrieving image: ${percent}%`);
        await pauseFor(() => settings().downloadMs / PERCENTS.length);
      }
    }
    reporter.progress(`Preparing image for ${name}`);
    await pauseFor(() => settings().prepareMs);
    const disk = request.disk?.bytes ?? Math.max(DEFAULT_DISK, image.virtualSize);
    if (disk < image.virtualSize) {
      throw new Refusal(`Requested disk (${disk} bytes) below minimum for this image (${image.virtualSize} bytes)`);
    }
    return image;
  };

  /** @type {(name: string, request: LaunchRequest, image: import('./images.js').Image) => import('./machines.js').Machine} */
  const make = (name, { cpus, memory, disk, userData }, image) => {
    guests.prepare(name, completeUserData(userData, daemonKey.publicKey));
    const machine = machines.add({
      name,
      cpus,
      memory: memory?.bytes ?? DEFAULT_MEMORY,
      disk: disk?.bytes ?? Math.max(DEFAULT_DISK, image.virtualSize),
      image,
    });
    preparing.delete(name);
    return machine;
  };

  /** @type {(name: string, waitMs: number | null) => Promise<void>} */
  const awaitCloudInit = async (name, waitMs) => {
    const limitMs = () => waitMs ?? settings().waitLimitMs;
    await pauseFor(() => Math.min(settings().cloudInitMs, limitMs()));
    if (settings().cloudInitMs > limitMs())
      throw refusalFor([`${name}: timed out waiting for initialization to complete`]);
  };

  return async (request, reporter) => {
    const name = await loop.run(() => admit(request, reporter));
    let machine;
    try {
      const image = await prepare(name, request, reporter);
      machine = await loop.run(() => {
        reporter.progress(`Configuring ${name}`);
        return make(name, request, image);
      });
    } finally {
      preparing.delete(name);
    }
    const made = machine;
    await loop.run(() => {
      reporter.progress(`Starting ${name}`);
      if (machines.get(name) === made) power.switchOn(made);
    });
    const text = `Launched: ${name}\n`;
    switch (await power.awaitBoot(made, request.waitMs)) {
      case 'gone':
        return { text };
      case 'timed_out':
        throw refusalFor([`${name}: timed out waiting for response`]);
      case 'up':
        reporter.progress('Waiting for initialization to complete');
        await power.awaiting(made, () => awaitCloudInit(name, request.waitMs));
        return { text };
    }
  };
}

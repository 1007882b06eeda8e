import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a process that was told to end may take. */
const END_MS = 10_000;
const LOOK_MS = 100;
/** Of a command line, as much as tells what it is. */
const SHOWN_CHARACTERS = 200;
const SHOWN_FILES = 40;

/**
 * Makes the directory that tests get as `TMPDIR`: whatever is in it after them was left behind. Its path is short, for Unix
 * sockets.
 */
export function createTestDirectory() {
  return mkdtempSync(join(tmpdir(), 'gp-'));
}

/**
 * What is read of a process; empty where it has ended meanwhile or is somebody else's.
 *
 * @param {() => string} read
 */
function ofProcess(read) {
  try {
    return read();
  } catch {
    return '';
  }
}

/**
 * The processes that were started with the directory in their environment or on their command line, or work in it; none
 * where the system has no `/proc`.
 *
 * @param {string} directory
 * @returns {string[]} One line for each: its number and its command.
 */
function processesOf(directory) {
  const pids = (existsSync('/proc') ? readdirSync('/proc') : []).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const command = ofProcess(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
      .replaceAll('\0', ' ')
      .trim();
    const environment = ofProcess(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    const place = ofProcess(() => readlinkSync(`/proc/${pid}/cwd`));
    const isOfTests = [command, environment, place].some((text) => text.includes(directory));
    return isOfTests ? [`process ${pid}: ${command.slice(0, SHOWN_CHARACTERS)}`] : [];
  });
}

/**
 * Removes the directory of tests that have ended, and tells what they left: processes, which go on, and files. A process that is
 * about to end is waited for.
 *
 * @param {string} directory
 * @param {number} [endMs] How long it is waited for.
 * @returns {Promise<string[]>} Nothing, or a line for each thing.
 */
export async function removeTestDirectory(directory, endMs = END_MS) {
  const deadline = performance.now() + endMs;
  while (processesOf(directory).length > 0 && performance.now() < deadline) await delay(LOOK_MS);
  const files = readdirSync(directory, { recursive: true }).map((file) => `file ${join(directory, String(file))}`);
  const left = [...processesOf(directory), ...files.slice(0, SHOWN_FILES)];
  if (files.length > SHOWN_FILES) left.push(`${files.length - SHOWN_FILES} more files`);
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch (error) {
    left.push(`a directory that cannot be removed: ${error}`);
  }
  return left;
}

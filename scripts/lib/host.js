import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from './run.js';

/** The root of the workspace. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where administrators' programs are, which the PATH of an ordinary user leaves out. */
const SYSTEM_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * The path of a program, looked for in `PATH` and in the directories of the system.
 *
 * @param {string} name
 * @param {string} [path]
 * @returns {string | undefined}
 */
export function findProgram(name, path = process.env['PATH'] ?? '') {
  return [...path.split(delimiter), ...SYSTEM_DIRECTORIES]
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return statSync(candidate).isFile();
      } catch {
        return false;
      }
    });
}

/**
 * The value of a variable in the text of a `.env` file: the last one counts, quotes are removed, an empty value is none.
 *
 * @param {string} text
 * @param {string} name
 * @returns {string | undefined}
 */
export function dotenvValue(text, name) {
  const pattern = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=\\s*(.*?)\\s*$`);
  const value = text
    .split('\n')
    .map((line) => pattern.exec(line)?.[1])
    .findLast((found) => found !== undefined);
  const quoted = /^(['"`])(.*?)\1/.exec(value ?? '');
  const plain = quoted === null ? value?.replace(/\s*#.*$/, '') : quoted[2];
  return plain === '' ? undefined : plain;
}

/**
 * A setting by its name without the prefix, unchecked: for what must be decided before the software that validates the
 * settings can be installed.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function rawSetting(name) {
  const variable = `GOLEM_PROVIDER_${name}`;
  const given = process.env[variable]?.trim();
  if (given !== undefined && given !== '') return given;
  const file = join(ROOT, '.env');
  return existsSync(file) ? dotenvValue(readFileSync(file, 'utf8'), variable) : undefined;
}

/** The oldest Node.js that the software runs on, as package.json says. */
const NODE_MINIMUM = [20, 11];

/**
 * @param {string} version Such as 20.11.0.
 * @throws {Failure} when it is too old.
 */
export function checkNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = NODE_MINIMUM;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new Failure(`Node.js ${NODE_MINIMUM.join('.')} or newer is needed, this is ${version}.`, 1);
}

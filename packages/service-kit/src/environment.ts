import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseSettings, type Settings, SETTINGS_PREFIX } from '@golem-provider/contracts';
import { parse } from 'dotenv';

/** Thrown when a setting is wrong: the lines to print, one for each problem. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** The nearest `.env` at or above a directory, so that a service started in its own folder finds the workspace's. */
function findDotenv(directory: string): string | undefined {
  const candidate = join(directory, '.env');
  if (existsSync(candidate)) return candidate;
  const parent = dirname(directory);
  return parent === directory ? undefined : findDotenv(parent);
}

/** A path of the settings as an absolute one; `~/` is the home directory of the user. */
export function expandPath(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path);
}

/** The variables of this process: its environment over the `.env` found at or above `directory`. */
function variables(environment: NodeJS.ProcessEnv, directory: string): Readonly<Record<string, string | undefined>> {
  const file = findDotenv(directory);
  return { ...(file === undefined ? {} : parse(readFileSync(file))), ...environment };
}

/**
 * The settings of this process: its environment over the `.env` found at or above `directory`.
 *
 * @throws SettingsError when a value is wrong.
 */
export function loadSettings(environment: NodeJS.ProcessEnv, directory: string): Settings {
  const result = parseSettings(variables(environment, directory));
  if (!result.ok) throw new SettingsError(result.problems);
  return { ...result.settings, DATA_DIR: expandPath(result.settings.DATA_DIR) };
}

/** Whether the operator has set a setting, where `loadSettings` would find it, be it to its default. */
export function isSettingGiven(name: keyof Settings, environment: NodeJS.ProcessEnv, directory: string): boolean {
  return (variables(environment, directory)[SETTINGS_PREFIX + name] ?? '').trim() !== '';
}

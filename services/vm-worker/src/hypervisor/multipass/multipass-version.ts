import type { MultipassVersion } from './multipass-output.ts';

/** The first version that has all the commands and answers that the driver relies on. */
const OLDEST = [1, 13] as const;

/** Whether a version such as `1.16.3` or `1.17.0-dev.12+g1a2b3c` is new enough; false for a text that is no version. */
export function isSupportedVersion(version: string): boolean {
  const match = /^(\d+)\.(\d+)(?:[.+-]|$)/.exec(version);
  if (match === null) return false;
  const major = Number(match[1]);
  const minor = Number(match[2]);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** What keeps the driver from working with this client and this daemon; undefined when nothing does. */
export function versionProblem({ multipass, multipassd }: MultipassVersion): string | undefined {
  // The client says its own version also when its daemon is down or refuses this user.
  if (multipassd === undefined) return 'its daemon does not run or refuses this user';
  const old = [multipass, multipassd].find((version) => !isSupportedVersion(version));
  return old === undefined ? undefined : `version ${old} is older than ${OLDEST.join('.')}`;
}

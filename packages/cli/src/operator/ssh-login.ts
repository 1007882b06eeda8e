import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VmAccess } from '@golem-provider/contracts';

/** Where the login key and the host key of a VM lie while ssh runs; for the user alone, and removed afterwards. */
export interface SshFiles {
  /** Undefined where the requestor has the key: ssh then uses the keys of the user. */
  readonly identity: string | undefined;
  /** Undefined where the host key is not known. */
  readonly knownHosts: string | undefined;
}

/** Under this name the host key is looked up, whatever the address. */
const HOST_ALIAS = 'golem-vm';

/**
 * The arguments of ssh for a VM. Pure. With a known host key nothing else is accepted; without one the key that is met first
 * is, as nothing is known to hold it against, and nothing is remembered.
 */
export function sshArguments(access: VmAccess, files: SshFiles, command: readonly string[]): string[] {
  const isHeld = files.knownHosts !== undefined;
  const options = [
    `HostKeyAlias=${HOST_ALIAS}`,
    `StrictHostKeyChecking=${isHeld ? 'yes' : 'no'}`,
    `UserKnownHostsFile=${files.knownHosts ?? '/dev/null'}`,
    'GlobalKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    ...(files.identity === undefined ? [] : ['IdentitiesOnly=yes']),
  ].flatMap((option) => ['-o', option]);
  const identity = files.identity === undefined ? [] : ['-i', files.identity];
  return [...options, ...identity, '-p', String(access.ssh_port), `${access.ssh_user}@${access.ssh_host}`, ...command];
}

/** Runs something while the keys of a VM lie in files of mode 0600 in a directory of their own, which it removes. */
export async function withSshFiles<Result>(
  access: VmAccess,
  run: (files: SshFiles) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'golem-ssh-'));
  try {
    const write = async (name: string, content: string): Promise<string> => {
      const path = join(directory, name);
      await writeFile(path, content, { mode: 0o600 });
      return path;
    };
    const key = access.ssh_key.private_key;
    return await run({
      identity: key === undefined ? undefined : await write('identity', key),
      knownHosts:
        access.ssh_host_key === null ? undefined : await write('known_hosts', `${HOST_ALIAS} ${access.ssh_host_key}\n`),
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

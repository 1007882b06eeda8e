import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VmRecord } from '@golem-provider/contracts';
import type { CommandResult, CommandRunner } from '../exec/command-runner.ts';

const TIMEOUT_MS = 60_000;

/** Logs in to the guest of a VM. */
export interface SshLogin {
  readonly run: CommandRunner;
  /** Where the client's files go. */
  readonly directory: string;
  readonly vm: Pick<VmRecord, 'proxy_port' | 'keys'>;
  readonly privateKey: string;
  readonly command: string;
}

/** Runs a command in the guest through the public port, by a private key; held to the host key that was made for it. */
export async function sshLogin({ run, directory, vm, privateKey, command }: SshLogin): Promise<CommandResult> {
  await writeFile(join(directory, 'login'), privateKey, { mode: 0o600 });
  await writeFile(join(directory, 'known_hosts'), `guest ${vm.keys.host_public_key ?? ''}\n`);
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'HostKeyAlias=guest',
    'UserKnownHostsFile=known_hosts',
    'IdentityFile=login',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'LogLevel=ERROR',
  ].flatMap((option) => ['-o', option]);
  const args = ['-F', 'none', ...options, '-p', String(vm.proxy_port), 'ubuntu@127.0.0.1', command];
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return run({ program: 'ssh', args, directory, timeoutMs: TIMEOUT_MS }, { signal });
}

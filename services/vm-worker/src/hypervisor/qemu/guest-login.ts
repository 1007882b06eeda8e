import { join } from 'node:path';
import { access } from 'node:fs/promises';
import type { VmId } from '@golem-provider/contracts';
import { AppError, isErrorCode } from '@golem-provider/service-kit';
import type { CommandRunner, CommandSpec } from '../../exec/command-runner.ts';
import { CommandFailure } from '../../exec/command-runner.ts';
import { cleanWords } from '../../exec/run-tool.ts';
import { GUEST_USER, type GuestCall, guestCall, shellWords } from '../guest-command.ts';
import type { GuestCommandOptions, GuestCommandResult } from '../hypervisor.ts';
import { INSTANCE_FILES } from './instance-files.ts';

const CONNECT_TIMEOUT_S = 30;

/**
 * The command line of ssh for a command in a guest. It runs in the machine's directory, so that no path has to pass through the
 * expansions of ssh; nothing of the operator's own configuration, agent or keys has a part in it. Pure.
 */
export function loginCommand(id: VmId, directory: string, port: number, call: GuestCall): CommandSpec {
  const options = [
    'BatchMode=yes',
    `IdentityFile=${INSTANCE_FILES.managementKey}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'StrictHostKeyChecking=yes',
    `HostKeyAlias=${id}`,
    `UserKnownHostsFile=${INSTANCE_FILES.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'PreferredAuthentications=publickey',
    'ClearAllForwardings=yes',
    'RequestTTY=no',
    `ConnectTimeout=${CONNECT_TIMEOUT_S}`,
    'LogLevel=ERROR',
  ].flatMap((option) => ['-o', option]);
  return {
    program: 'ssh',
    args: ['-F', 'none', ...options, '-p', String(port), `${GUEST_USER}@127.0.0.1`, '--', shellWords(call.command)],
    input: call.input,
    directory,
    timeoutMs: call.timeoutMs,
  };
}

async function checkLogin(id: VmId, directory: string): Promise<void> {
  try {
    for (const name of [INSTANCE_FILES.managementKey, INSTANCE_FILES.knownHosts]) await access(join(directory, name));
  } catch (cause) {
    if (!isErrorCode(cause, 'ENOENT')) throw new AppError('HYPERVISOR_FAILED', `logging in to ${id}`, { cause });
    throw new AppError('HYPERVISOR_FAILED', `logging in to ${id}: it was made without a management key`, {
      cause,
      retryable: false,
      publicDetail: 'The provider has no key to this VM; it can do nothing inside of it.',
    });
  }
}

/**
 * Runs a command in a guest that runs, by ssh with the key that was authorised when it was made. `port` is the loopback's. See
 * `Hypervisor.runInGuest`.
 */
export async function runByLogin(
  run: CommandRunner,
  machine: { readonly id: VmId; readonly directory: string; readonly port: number },
  command: readonly string[],
  options: GuestCommandOptions,
  signal: AbortSignal,
): Promise<GuestCommandResult> {
  const { id, directory, port } = machine;
  const call = guestCall(id, command, options);
  const doing = `running ${command[0] ?? 'nothing'} in ${id}`;
  await checkLogin(id, directory);
  let result;
  try {
    result = await run(loginCommand(id, directory, port, call), { signal });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const code = error.reason === 'not_started' ? 'HYPERVISOR_UNAVAILABLE' : 'GUEST_UNREACHABLE';
    throw new AppError(code, doing, { cause: error });
  }
  const answer = call.read(result.stdout);
  if (answer !== undefined) return { ...answer, stderr: result.stderr };
  const words = cleanWords(result.stderr);
  throw new AppError('GUEST_UNREACHABLE', `${doing}: ssh ended with ${result.exitCode}: ${words}`);
}

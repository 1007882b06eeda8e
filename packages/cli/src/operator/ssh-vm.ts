import type { VmAccess } from '@golem-provider/contracts';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { runTerminalProgram } from '../exec/run-attached.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { mustFindVm } from './manage-vms.ts';
import { type ApiCommandOptions, operatorContext } from './operator-context.ts';
import { sshArguments, withSshFiles } from './ssh-login.ts';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * Where ssh goes: to the host's public address or, on the host itself, to its loopback, as many routers do not lead a
 * host back to itself by its public address.
 */
export function throughLoopback(access: VmAccess, baseUrl: string): VmAccess {
  const { hostname } = new URL(baseUrl);
  return LOOPBACK_HOSTS.has(hostname) ? { ...access, ssh_host: '127.0.0.1' } : access;
}

/** Logs in to a VM through its public port, or runs a command in it; resolves with the exit code of ssh. */
export async function sshVm(
  context: CommandContext,
  reference: string,
  command: readonly string[],
  options: ApiCommandOptions,
): Promise<number> {
  const operator = operatorContext(context, options);
  const { id } = await mustFindVm(operator, reference);
  const access = await operator.api.getAccess(id);
  if (access === undefined) throw new CommandError(`${id} is still being created.`, EXIT_CODES.tryLater);
  const reached = throughLoopback(access, operator.api.baseUrl);
  return withSshFiles(reached, (files) =>
    runTerminalProgram('ssh', sshArguments(reached, files, command), context.environment),
  );
}

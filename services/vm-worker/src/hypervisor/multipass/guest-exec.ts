import type { VmId } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { guestCall, notRunning } from '../guest-command.ts';
import type { GuestCommandOptions, GuestCommandResult } from '../hypervisor.ts';
import type { MultipassClient } from './multipass-client.ts';
import type { MultipassCommands } from './multipass-command.ts';
import { refusalError } from './multipass-failure.ts';
import { classifyFailure, cleanStderr, GUEST_NOT_REACHED, withoutDaemonLog } from './multipass-output.ts';
import type { StateReader } from './state-reader.ts';

/** Commands in guests go through the client of Multipass. */
export interface GuestExecDeps {
  readonly client: MultipassClient;
  readonly commands: MultipassCommands;
  readonly readStates: StateReader;
}

/** How Multipass begins to tell of a failure of its own. */
const OWN_WORDS = /^(?:exec|start) failed: |\[error\] \[client\]/m;

/**
 * Runs a command in a guest; see `Hypervisor.runInGuest`. `exec` starts an instance that is off, hence the look before. Its exit
 * code is either the command's or its own, and 2 may be both: the answer alone tells.
 */
export async function execInGuest(
  { client, commands, readStates }: GuestExecDeps,
  id: VmId,
  command: readonly string[],
  options: GuestCommandOptions,
  signal: AbortSignal,
): Promise<GuestCommandResult> {
  signal.throwIfAborted();
  const call = guestCall(id, command, options);
  const state = (await readStates(signal)).get(id);
  if (state !== 'Running' && state !== 'Delayed Shutdown') throw notRunning(id, state ?? 'absent');
  const doing = `running ${command[0] ?? 'nothing'} in ${id}`;
  const { exitCode, stdout, stderr } = await client.run(commands.runInGuest(id, call), doing, signal);
  const answer = call.read(stdout);
  if (answer !== undefined) return { ...answer, stderr: withoutDaemonLog(stderr) };
  const words = cleanStderr(stderr);
  // What is not said by Multipass is said by a guest whose shell is not what it should be.
  if (GUEST_NOT_REACHED.test(words) || !OWN_WORDS.test(words))
    throw new AppError('GUEST_UNREACHABLE', `${doing}: Multipass ended with ${exitCode}: ${words}`);
  throw refusalError(classifyFailure(exitCode, stderr), exitCode, stderr, doing);
}

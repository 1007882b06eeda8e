import { AppError } from '@golem-provider/service-kit';
import { CommandFailure, type CommandResult, type CommandRunner, type CommandSpec } from '../../exec/command-runner.ts';
import { refusalError } from './multipass-failure.ts';
import { classifyFailure, type MultipassFailureKind } from './multipass-output.ts';

/** How a command ended that was to change something. */
export type ActionOutcome =
  | { readonly kind: 'done' }
  | {
      /** `lost`: the client ended without an answer. It may have had its effect all the same. */
      readonly kind: MultipassFailureKind | 'lost';
      readonly error: AppError;
    };

/** Outcomes from which nothing can be concluded. */
export const NO_ANSWER: ReadonlySet<ActionOutcome['kind']> = new Set(['daemon_down', 'no_access', 'timed_out', 'lost']);

/** What accompanies an action. */
export interface ActionContext {
  readonly signal: AbortSignal;
  readonly onStdout?: (text: string) => void;
}

/** Calls of the Multipass client, each a short-lived process, with their failures told apart. */
export interface MultipassClient {
  /**
   * The answer of a command that only reads.
   *
   * @throws AppError `HYPERVISOR_UNAVAILABLE` also when the answer did not come in time: nothing is known then.
   */
  ask(command: CommandSpec, doing: string, signal: AbortSignal): Promise<string>;
  /**
   * Runs a command that changes something. That Multipass refused or did not answer is an outcome.
   *
   * @throws AppError `HYPERVISOR_UNAVAILABLE` where the program cannot be started.
   */
  act(command: CommandSpec, doing: string, context: ActionContext): Promise<ActionOutcome>;
  /**
   * What a command gave, whatever its exit code.
   *
   * @throws AppError `HYPERVISOR_UNAVAILABLE` where the program cannot be started, `HYPERVISOR_TIMEOUT`, or `HYPERVISOR_FAILED`
   *   where it was killed.
   */
  run(command: CommandSpec, doing: string, signal: AbortSignal): Promise<CommandResult>;
}

/** The error of a client that gave no exit code. */
function lostError(failure: CommandFailure, doing: string): AppError {
  const code = failure.reason === 'timed_out' ? 'HYPERVISOR_TIMEOUT' : 'HYPERVISOR_FAILED';
  return new AppError(code, doing, { cause: failure });
}

/** The client over a runner. All calls reject with the signal's reason when that aborts. */
export function createMultipassClient(run: CommandRunner): MultipassClient {
  const attempt = async (
    command: CommandSpec,
    doing: string,
    context: ActionContext,
  ): Promise<CommandResult | CommandFailure> => {
    try {
      return await run(command, context);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      if (error.reason !== 'not_started') return error;
      throw new AppError('HYPERVISOR_UNAVAILABLE', `${doing}: ${command.program} cannot be started`, { cause: error });
    }
  };
  return {
    async ask(command, doing, signal) {
      const result = await attempt(command, doing, { signal });
      if (result instanceof CommandFailure) {
        throw new AppError('HYPERVISOR_UNAVAILABLE', `${doing}: Multipass does not answer`, { cause: result });
      }
      const { exitCode, stdout, stderr } = result;
      if (exitCode === 0) return stdout;
      throw refusalError(classifyFailure(exitCode, stderr), exitCode, stderr, doing);
    },
    async act(command, doing, context) {
      const result = await attempt(command, doing, context);
      if (result instanceof CommandFailure) {
        return { kind: result.reason === 'timed_out' ? 'timed_out' : 'lost', error: lostError(result, doing) };
      }
      const { exitCode, stderr } = result;
      if (exitCode === 0) return { kind: 'done' };
      const kind = classifyFailure(exitCode, stderr);
      return { kind, error: refusalError(kind, exitCode, stderr, doing) };
    },
    async run(command, doing, signal) {
      const result = await attempt(command, doing, { signal });
      if (result instanceof CommandFailure) throw lostError(result, doing);
      return result;
    },
  };
}

/** Throws the error of an outcome that is neither done nor one of those that the caller counts as such. */
export function expectDone(outcome: ActionOutcome, ...alsoFine: readonly ActionOutcome['kind'][]): void {
  if (outcome.kind !== 'done' && !alsoFine.includes(outcome.kind)) throw outcome.error;
}

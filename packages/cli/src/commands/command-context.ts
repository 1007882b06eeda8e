/** What the commands get from the process that they run in. */
export interface CommandContext {
  /** The root of the workspace, where the services are. */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where `.env` is looked for, upwards. */
  readonly cwd: string;
  /** Writes to standard output. */
  readonly write: (text: string) => void;
  /** Writes a line to standard error: how far something is, beside the result. */
  readonly tell: (line: string) => void;
  /** Whether a person reads the output. */
  readonly isTerminal: boolean;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
  /** Aborts when nobody reads standard output any more. */
  readonly outputGone: AbortSignal;
  /** Calls back each time that it is asked again. */
  readonly onImpatience: (listener: () => void) => void;
}

/** A command ends with these words and this exit code. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

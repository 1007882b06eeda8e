import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { EXIT_CONFIG, identifyProcess, type Logger, type ProcessIdentity } from '@golem-provider/service-kit';
import { createLineSplitter } from '../logs/line-splitter.ts';
import { countDeaths, restartDelayMs } from './backoff.ts';

/** A program to keep running. */
export interface ProgramSpec {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** How long it may take to end after SIGTERM before it is killed. */
  readonly stopPatienceMs: number;
  /**
   * Whether it shall end when we are killed: it then has a channel to us (`process.connected`), and watches it. A
   * program with a channel writes its log to us; one without keeps its own.
   */
  readonly endsWithUs: boolean;
}

/** What happens around a supervised process, told as it happens. */
export interface ProcessObserver {
  /** A line of its output, either stream. */
  onLine(name: string, line: string): void;
  /** It began to run; undefined: it ended. */
  onProcess(name: string, identity: ProcessIdentity | undefined): void;
}

/** A program that is started again whenever it ends, until it is stopped. */
export interface SupervisedProcess {
  readonly name: string;
  /** The pid while it runs. */
  readonly pid: number | undefined;
  start(): void;
  /** Resolves when the program has ended and will not be started again. May be called in any state, once. */
  stop(): Promise<void>;
  /** Resolves with exit code 78 when the program ended with it: wrong settings do not get right by trying again. */
  readonly gaveUp: Promise<number>;
}

/** Output that may still come after the end of a program is waited for this long: its children may hold the pipe open. */
const LAST_WORDS_MS = 1000;

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let outcome = '';
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      outcome = signal ?? `exit code ${code ?? ''}`;
      setTimeout(resolve, LAST_WORDS_MS, outcome).unref();
    });
    child.once('close', () => resolve(outcome));
  });
}

/** Starts nothing yet. The program runs in a session of its own: what is typed at our terminal does not reach it. */
export function createSupervisedProcess(
  spec: ProgramSpec,
  observer: ProcessObserver,
  logger: Logger,
): SupervisedProcess {
  const { name } = spec;
  const stdio: StdioOptions = spec.endsWithUs ? ['ignore', 'pipe', 'pipe', 'ipc'] : 'ignore';
  let child: ChildProcess | undefined;
  let running: Promise<void> | undefined;
  let restart: NodeJS.Timeout | undefined;
  let isStopping = false;
  let deaths = 0;
  let giveUp: (code: number) => void;
  const gaveUp = new Promise<number>((resolve) => {
    giveUp = resolve;
  });

  const runOnce = async (): Promise<void> => {
    const began = performance.now();
    const started = spawn(spec.program, spec.args, { cwd: spec.cwd, env: spec.env, detached: true, stdio });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      const lines = createLineSplitter((line) => observer.onLine(name, line));
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => lines.push(text));
      stream?.once('end', () => lines.end());
    }
    if (started.pid !== undefined) observer.onProcess(name, identifyProcess(started.pid));
    const outcome = await ended(started);
    child = undefined;
    observer.onProcess(name, undefined);
    if (isStopping) return;
    if (started.exitCode === EXIT_CONFIG) {
      logger.error(`${name} cannot run with these settings`);
      giveUp(EXIT_CONFIG);
      return;
    }
    deaths = countDeaths(deaths, performance.now() - began);
    const delayMs = restartDelayMs(deaths);
    logger.error({ deaths }, `${name} ended (${outcome}), starting it again in ${delayMs / 1000} s`);
    restart = setTimeout(start, delayMs);
  };
  const start = (): void => {
    running = runOnce();
  };

  return {
    name,
    get pid() {
      return child?.pid;
    },
    gaveUp,
    start,
    async stop() {
      isStopping = true;
      clearTimeout(restart);
      child?.kill('SIGTERM');
      const kill = setTimeout(() => {
        logger.error(`${name} did not end within ${spec.stopPatienceMs / 1000} s, killing it`);
        child?.kill('SIGKILL');
      }, spec.stopPatienceMs);
      await running;
      clearTimeout(kill);
    },
  };
}

import { setFlagsFromString } from 'node:v8';
import { errorChain } from './app-error.ts';
import { SettingsError } from './environment.ts';
import type { Logger } from './logger.ts';

/** A part of a service that is started and stopped. */
export interface Component {
  readonly name: string;
  start(): Promise<void>;
  /** Resolves when nothing of the part runs any more. Called only after `start` resolved, once. */
  stop(): Promise<void>;
}

/** Exit code for wrong settings (EX_CONFIG of sysexits.h): a supervisor need not try again. */
export const EXIT_CONFIG = 78;

/** How long a service may take to stop: the step in hand is finished, the place is saved. */
const STOP_DEADLINE_MS = 30_000;

/** After this nothing of a start is under way. */
const START_IS_OVER_MS = 5000;

/**
 * One component of several: started in order, stopped in reverse. A start that fails stops what had started. All are
 * stopped even if some fail; the failures come together as an `AggregateError`.
 */
export function compose(name: string, components: readonly Component[]): Component {
  const started: Component[] = [];
  const stop = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (let component = started.pop(); component !== undefined; component = started.pop()) {
      try {
        await component.stop();
      } catch (cause) {
        errors.push(new Error(`stopping ${component.name}`, { cause }));
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `stopping ${name}`);
  };
  return {
    name,
    async start() {
      for (const component of components) {
        try {
          await component.start();
        } catch (cause) {
          await stop();
          throw new Error(`starting ${component.name}`, { cause });
        }
        started.push(component);
      }
    },
    stop,
  };
}

/** A service before it is started. */
export interface Service {
  readonly logger: Logger;
  readonly component: Component;
}

/** How a service runs. */
export interface RunOptions {
  /**
   * For a service that may have much to do. All are started with `--no-opt`, as the code of a start is not worth compiling
   * again, while the compiler takes up to 10 MiB; from when it is started, such a service has its hot code compiled.
   */
  readonly compilesHotCode?: boolean;
}

/**
 * Runs a service until SIGTERM or SIGINT, or until its supervisor is gone, then stops it within 30 s. The process ends
 * with 0 after a stop, with 78 for wrong settings (one line for each on standard error), with 1 for anything else, a
 * defect included: the supervisor starts a process that crashed again, while one that goes on in an unknown state helps
 * nobody.
 */
export async function runService(
  create: () => Service | Promise<Service>,
  { compilesHotCode = false }: RunOptions = {},
): Promise<void> {
  let service: Service;
  try {
    service = await create();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${problem}\n`);
    process.exitCode = EXIT_CONFIG;
    return;
  }
  const { logger, component } = service;
  const die = (message: string, error: unknown): never => {
    logger.fatal({ err: error instanceof Error ? error : new Error(errorChain(error)) }, message);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => die('uncaught exception', error));
  process.on('unhandledRejection', (error) => die('unhandled rejection', error));
  const stopRequested = new Promise<NodeJS.Signals>((resolve) => {
    // Not `once`: who waits for a program that it runs listens too (execa does), and lets the signal kill this process at once
    // where nobody else listens any more.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
    // A supervisor that starts us holds a channel: without it nobody would restart or stop this process any more.
    process.once('disconnect', () => resolve('SIGTERM'));
    // It may have gone before we listened.
    if (process.send !== undefined && !process.connected) resolve('SIGTERM');
  });
  try {
    await component.start();
    if (compilesHotCode) setFlagsFromString('--opt');
    // V8 looks for garbage when memory is asked for; a service at rest would keep that of its start, 20 MiB, for hours.
    setTimeout(() => globalThis.gc?.(), START_IS_OVER_MS).unref();
    logger.info('started');
    const signal = await stopRequested;
    logger.info({ signal }, 'stopping');
    setTimeout(
      () => die('did not stop in time', new Error(`still running after ${STOP_DEADLINE_MS} ms`)),
      STOP_DEADLINE_MS,
    ).unref();
    await component.stop();
    logger.info('stopped');
    process.exit(0);
  } catch (error) {
    die('failed', error);
  }
}

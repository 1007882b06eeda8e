import type { Component } from './lifecycle.ts';
import type { Logger } from './logger.ts';

/** What a periodic task needs. */
export interface PeriodicOptions {
  readonly name: string;
  /** From the end of one run to the start of the next; a function is asked after each run. */
  readonly intervalMs: number | (() => number);
  readonly logger: Logger;
  /** One run. An error is logged and the next run comes all the same. The signal aborts when the component stops. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** A component that runs a task at once and then again and again; runs never overlap. `trigger` asks for a run soon. */
export interface Periodic extends Component {
  trigger(): void;
}

/** See `PeriodicOptions`. Consecutive failures with the same message are logged once. */
export function periodic({ name, intervalMs, logger, run }: PeriodicOptions): Periodic {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let isWanted = false;
  let lastFailure: string | undefined;

  const runOnce = async (): Promise<void> => {
    try {
      await run(controller.signal);
      lastFailure = undefined;
    } catch (error) {
      const err = error instanceof Error ? error : new Error(String(error));
      if (!controller.signal.aborted && err.message !== lastFailure) logger.error({ err }, `${name} failed`);
      lastFailure = err.message;
    }
  };
  const loop = (): void => {
    clearTimeout(timer);
    isWanted = false;
    current = runOnce().then(() => {
      current = undefined;
      if (controller.signal.aborted) return;
      if (isWanted) loop();
      else timer = setTimeout(loop, typeof intervalMs === 'number' ? intervalMs : intervalMs());
    });
  };
  return {
    name,
    start() {
      loop();
      return Promise.resolve();
    },
    async stop() {
      controller.abort(new Error(`${name} is stopping`));
      clearTimeout(timer);
      await current;
    },
    trigger() {
      if (controller.signal.aborted) return;
      if (current === undefined) loop();
      else isWanted = true;
    },
  };
}

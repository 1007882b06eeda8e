import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing } from './is-missing.ts';

/** How soon a process notices that its clock was set. */
const CLOCK_LOOK_MS = 25;
/** How long a process that has told itself to stop waits for that to happen: a signal may reach another thread first. */
const STOP_PATIENCE_MS = 20;

/** What a test orders processes of its own to do. It travels through files, so that it holds for processes that start later. */
export interface ChaosOrders {
  /** Lets the next process of this service that comes to the point stop there, as by `kill -STOP`, once. */
  pauseAt(service: string, point: string): void;
  /** Whether a pause that was ordered has not been come to. */
  isPausePending(service: string): boolean;
  /** Takes a pause back that was not come to. */
  forgetPause(service: string): void;
  /** Sets the clock of the day of all processes by so much, against the machine's. */
  setClock(shiftMs: number): void;
}

const pauseFile = (directory: string, service: string): string => join(directory, `pause-${service}`);
const clockFile = (directory: string): string => join(directory, 'clock');

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The orders of a test, in a directory of their own. */
export function createChaosOrders(directory: string): ChaosOrders {
  return {
    pauseAt: (service, point) => writeFileSync(pauseFile(directory, service), point),
    isPausePending: (service) => read(pauseFile(directory, service)) !== undefined,
    forgetPause: (service) => rmSync(pauseFile(directory, service), { force: true }),
    setClock: (shiftMs) => writeFileSync(clockFile(directory), String(shiftMs)),
  };
}

/** Makes this process stop here; it goes on when somebody tells it to. */
function stopHere(): void {
  process.kill(process.pid, 'SIGSTOP');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STOP_PATIENCE_MS);
}

/**
 * Obeys the orders in a directory, as a process that was made for it: moves its clock of the day, and gives what is to be told
 * of every point that the process reaches.
 */
export function obeyChaosOrders(directory: string, service: string): { reach(point: string): void } {
  const { now } = Date;
  let shiftMs = 0;
  const lookAtClock = (): void => {
    shiftMs = Number(read(clockFile(directory)) ?? 0);
  };
  lookAtClock();
  setInterval(lookAtClock, CLOCK_LOOK_MS).unref();
  Date.now = () => now() + shiftMs;
  return {
    reach(point) {
      const file = pauseFile(directory, service);
      if (read(file) !== point) return;
      rmSync(file);
      stopHere();
    },
  };
}

/**
 * Loaded into the services of a test alone, by `NODE_OPTIONS`: on SIGUSR2 a process collects all its garbage, then writes what
 * is left of its memory to the file of its pid in `TELL_MEMORY_DIRECTORY`. They are started with `--expose-gc`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

const directory = process.env['TELL_MEMORY_DIRECTORY'];

async function tell() {
  const { gc } = globalThis;
  // What has finalizers is gone only after the turn in which they were run.
  for (let turn = 0; turn < 3; turn += 1) {
    gc?.();
    await setImmediate();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const file = join(directory ?? '', `${process.pid}.json`);
  writeFileSync(`${file}.new`, JSON.stringify({ isCollected: gc !== undefined, heapUsed, external, rss }));
  renameSync(`${file}.new`, file);
}

if (directory !== undefined) process.on('SIGUSR2', () => void tell());

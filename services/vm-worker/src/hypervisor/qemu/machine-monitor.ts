import { constants } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@golem-provider/service-kit';
import type { VmId } from '@golem-provider/contracts';
import { z } from 'zod';
import { INSTANCE_FILES } from './instance-files.ts';
import { CONSOLE_BYTES, CONSOLE_CHARDEV } from './qemu-command.ts';
import { QmpFailure, type QmpSession, withQmp } from './qmp-client.ts';

/** For one conversation. QEMU answers in milliseconds, but not when the host is short of processor time. */
const QMP_TIMEOUT_MS = 10_000;
/** QEMU says little; a guest that makes it say much must not fill the disk. */
const MAX_LOG_BYTES = 1_048_576;

const Status = z.object({ status: z.string() });

/** Talks to the machines' QEMUs, to each with one voice at a time. Everything throws `QmpFailure`, or the signal's reason. */
export interface MachineMonitor {
  /** QEMU's run state. On this occasion the latest console output is moved to the machine's `console.log`. */
  runState(id: VmId, signal: AbortSignal): Promise<string>;
  /** Presses the power button. A guest that does not listen yet takes no notice of it. */
  powerDown(id: VmId, signal: AbortSignal): Promise<void>;
  resume(id: VmId, signal: AbortSignal): Promise<void>;
  /** Ends QEMU, its caches written to the disk. */
  quit(id: VmId, signal: AbortSignal): Promise<void>;
}

/** What is kept of a console: the latest bytes of what there was and what has come. */
export function consoleTail(before: Buffer, more: Buffer): Buffer {
  return Buffer.concat([before, more]).subarray(-CONSOLE_BYTES);
}

async function saveConsole(path: string, more: Buffer): Promise<void> {
  if (more.length === 0) return;
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    const tail = consoleTail(await file.readFile(), more);
    await file.write(tail, 0, tail.length, 0);
    await file.truncate(tail.length);
  } finally {
    await file.close();
  }
}

async function boundLog(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    // QEMU appends, so it goes on at the new end.
    if ((await file.stat()).size > MAX_LOG_BYTES) await truncate(path, 0);
  } finally {
    await file.close();
  }
}

async function fetchConsole(session: QmpSession): Promise<Buffer> {
  const args = { device: CONSOLE_CHARDEV, size: CONSOLE_BYTES, format: 'base64' };
  return Buffer.from(await session.execute('ringbuf-read', z.string(), args), 'base64');
}

/** The monitor of the machines; `pathOf` gives a machine's directory. */
export function createMachineMonitor(pathOf: (id: VmId) => string): MachineMonitor {
  const turns = new Map<VmId, Promise<unknown>>();

  const talk = async <Result>(
    id: VmId,
    signal: AbortSignal,
    use: (session: QmpSession) => Promise<Result>,
  ): Promise<Result> => {
    const before = turns.get(id) ?? Promise.resolve();
    const directory = join(pathOf(id), INSTANCE_FILES.run);
    const mine = before.then(() => withQmp({ directory, signal, timeoutMs: QMP_TIMEOUT_MS }, use));
    // Who comes next waits for the end, whatever it is.
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    turns.set(id, ended);
    try {
      return await mine;
    } finally {
      if (turns.get(id) === ended) turns.delete(id);
    }
  };

  return {
    async runState(id, signal) {
      const { status, output } = await talk(id, signal, async (session) => ({
        status: (await session.execute('query-status', Status)).status,
        output: await fetchConsole(session),
      }));
      await saveConsole(join(pathOf(id), INSTANCE_FILES.console), output);
      await boundLog(join(pathOf(id), INSTANCE_FILES.log));
      return status;
    },
    async powerDown(id, signal) {
      await talk(id, signal, (session) => session.execute('system_powerdown', z.unknown()));
    },
    async resume(id, signal) {
      await talk(id, signal, (session) => session.execute('cont', z.unknown()));
    },
    async quit(id, signal) {
      try {
        await talk(id, signal, (session) => session.execute('quit', z.unknown()));
      } catch (error) {
        // It may be gone before its answer is read.
        if (!(error instanceof QmpFailure) || error.reason !== 'broken') throw error;
      }
    },
  };
}

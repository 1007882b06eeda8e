import { readFile, rm } from 'node:fs/promises';
import { DrainRecord } from '@golem-provider/contracts';
import { type Component, isErrorCode, type Logger, periodic, writeDurably } from '@golem-provider/service-kit';
import type { DrainSwitch } from '@golem-provider/store';

/** How soon a drain is back that Redis has lost; less than a worker takes that has to restore all VMs first. */
const LOOK_MS = 2000;
const FILE_MODE = 0o644;

/** What keeps the switch. */
export interface KeptDrainDeps {
  readonly drain: DrainSwitch;
  /** Is there while the host is drained. */
  readonly file: string;
  readonly logger: Logger;
}

/** The switch with a copy of its own beside the records, which puts it back where Redis has lost it. */
export interface KeptDrain extends DrainSwitch, Component {}

/** See `KeptDrain`. A file that cannot be read counts as one that says so since now: it is only there on a drained host. */
export function createKeptDrain({ drain, file, logger }: KeptDrainDeps): KeptDrain {
  let turn: Promise<unknown> = Promise.resolve();
  /** One after the other: what is put back must not be what is just being ended. */
  const inTurn = <Result>(run: () => Promise<Result>): Promise<Result> => {
    const result = turn.then(run);
    turn = result.catch(() => undefined);
    return result;
  };
  const readKept = async (): Promise<{ readonly record: DrainRecord | undefined } | undefined> => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (isErrorCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    try {
      return { record: DrainRecord.parse(JSON.parse(text)) };
    } catch (err) {
      logger.error({ err, file }, 'the file that tells of a drain cannot be read');
      return { record: undefined };
    }
  };
  const keep = (record: DrainRecord): Promise<void> => writeDurably(file, JSON.stringify(record), FILE_MODE);

  const putBack = periodic({
    name: 'keeping the drain',
    intervalMs: LOOK_MS,
    logger,
    run: () =>
      inTurn(async () => {
        const kept = await readKept();
        const current = await drain.read();
        // Drained by an earlier version, which kept no file.
        if (kept === undefined && current !== undefined) await keep(current);
        if (kept === undefined || current !== undefined) return;
        await drain.set(kept.record);
        logger.warn('Redis had lost that the host is drained: it is again');
      }),
  });
  return {
    ...putBack,
    read: () => drain.read(),
    set: (record) =>
      inTurn(async () => {
        const current = await drain.set(record);
        await keep(current);
        return current;
      }),
    clear: () =>
      inTurn(async () => {
        await rm(file, { force: true });
        await drain.clear();
      }),
  };
}

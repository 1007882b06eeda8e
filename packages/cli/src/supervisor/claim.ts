import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import {
  createWhole,
  identifyProcess,
  isErrorCode,
  isRunning,
  ProcessIdentity,
  removeStale,
} from '@golem-provider/service-kit';
import { z } from 'zod';

/** Which command works on a data directory. */
export const ClaimPurpose = z.enum(['start', 'stop']);
export type ClaimPurpose = z.infer<typeof ClaimPurpose>;

const ClaimRecord = z.object({
  purpose: ClaimPurpose,
  holder: ProcessIdentity,
  /** What the holder started, by name. */
  processes: z.record(z.string(), ProcessIdentity),
});
type ClaimRecord = z.infer<typeof ClaimRecord>;

/** Another process works on the data directory. */
export class ClaimedError extends Error {
  readonly holder: ProcessIdentity;
  readonly purpose: ClaimPurpose;

  constructor({ holder, purpose }: ClaimRecord) {
    super(
      purpose === 'start'
        ? `The provider is running already (process ${holder.pid}).`
        : `The provider is just being stopped (process ${holder.pid}).`,
    );
    this.name = 'ClaimedError';
    this.holder = holder;
    this.purpose = purpose;
  }
}

/** The right to be the only one that starts and stops what belongs to a data directory. */
export interface Claim {
  /** What a holder that was killed had started; some of it may still run. */
  readonly leftovers: ReadonlyMap<string, ProcessIdentity>;
  /** Records a process that was started; undefined: it has ended. */
  record(name: string, identity: ProcessIdentity | undefined): void;
  release(): void;
}

/** A machine that lost its power may leave an empty file, and then nothing that it names runs. */
function parseRecord(text: string): ClaimRecord | undefined {
  try {
    return ClaimRecord.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function readRecord(file: string): ClaimRecord | undefined {
  try {
    return parseRecord(readFileSync(file, 'utf8'));
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Who holds the claim on a data directory, if that process still runs. */
export function claimHolder(file: string): { holder: ProcessIdentity; purpose: ClaimPurpose } | undefined {
  const record = readRecord(file);
  return record !== undefined && isRunning(record.holder) ? record : undefined;
}

/**
 * Claims a data directory by a file that names this process. A holder that does not run any more is replaced.
 *
 * @throws ClaimedError when another process holds it.
 */
export function claim(file: string, purpose: ClaimPurpose): Claim {
  const holder = identifyProcess(process.pid);
  if (holder === undefined) throw new Error('this process is not in /proc');
  const processes = new Map<string, ProcessIdentity>();
  const draft = `${file}.${process.pid}.new`;
  const write = (known: ReadonlyMap<string, ProcessIdentity>): void => {
    const record: ClaimRecord = { purpose, holder, processes: Object.fromEntries(known) };
    writeFileSync(draft, JSON.stringify(record, null, 2), { mode: 0o600 });
  };
  const before = readRecord(file);
  if (before !== undefined && isRunning(before.holder)) throw new ClaimedError(before);
  const leftovers = new Map(Object.entries(before?.processes ?? {}));
  removeStale(file, (text) => {
    const record = parseRecord(text);
    return record === undefined || !isRunning(record.holder);
  });
  try {
    write(leftovers);
    if (!createWhole(draft, file)) {
      const other = readRecord(file);
      throw other === undefined ? new Error(`${file} cannot be claimed`) : new ClaimedError(other);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    leftovers,
    record(name, identity) {
      if (identity === undefined) processes.delete(name);
      else processes.set(name, identity);
      write(processes);
      renameSync(draft, file);
    },
    release() {
      rmSync(file, { force: true });
    },
  };
}

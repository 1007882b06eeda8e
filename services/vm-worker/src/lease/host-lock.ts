import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  createWhole,
  identifyProcess,
  isErrorCode,
  isRunning,
  ProcessIdentity,
  removeStale,
} from '@golem-provider/service-kit';
import { z } from 'zod';

/** A process of another container cannot be looked for; it counts as ended when it has not shown itself for so long. */
const FOREIGN_SILENCE_MS = 60_000;

const LockRecord = z.object({
  process: ProcessIdentity,
  /** The process ids of which world `process` belongs to. */
  namespace: z.string(),
  /** The lease under which it acts. */
  holder: z.string(),
  token: z.int(),
  store_id: z.string(),
});
type LockRecord = z.infer<typeof LockRecord>;

/** The lease of the worker that takes the lock. */
export interface LockLease {
  readonly holder: string;
  readonly token: number;
  readonly storeId: string;
}

/** The right to act on a data directory, whatever Redis says: two Redis, or an emptied one, never make two workers act. */
export interface HostLock {
  /** The holder of the lease whose process has ended without giving the lock back. */
  deadHolder(): string | undefined;
  /**
   * Takes the lock. Refused with the pid of its holder while that runs; unless it acts under an earlier lease from the same
   * data of the same Redis, which is then known to have run out.
   */
  acquire(lease: LockLease): 'acquired' | { readonly heldBy: number };
  /** Whether the lock is still the one that `acquire` gave. Reads the file. */
  isHeld(): boolean;
  /** Shows that the holder lives. */
  touch(): void;
  release(): void;
}

function parse(text: string): LockRecord | undefined {
  try {
    return LockRecord.parse(JSON.parse(text));
  } catch (error) {
    // A machine that lost its power may leave an empty file, and then its holder is gone.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function read(file: string): { readonly text: string; readonly record: LockRecord | undefined } | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    return { text, record: parse(text) };
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The lock in a file of the data directory, which is made where it is missing. */
export function createHostLock(file: string): HostLock {
  const self = identifyProcess(process.pid);
  if (self === undefined) throw new Error('this process is not in /proc');
  const namespace = readlinkSync('/proc/self/ns/pid');
  let held: string | undefined;

  const hasEnded = (record: LockRecord): boolean => {
    if (record.namespace === namespace) return !isRunning(record.process);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    return age > FOREIGN_SILENCE_MS;
  };
  const isOurs = (): boolean => held !== undefined && read(file)?.text === held;

  return {
    deadHolder() {
      const record = read(file)?.record;
      return record !== undefined && hasEnded(record) ? record.holder : undefined;
    },
    acquire({ holder, token, storeId }) {
      const before = read(file);
      const blocker = before?.record;
      if (blocker !== undefined && !hasEnded(blocker)) {
        const isOutdated = blocker.store_id === storeId && blocker.token < token;
        if (!isOutdated) return { heldBy: blocker.process.pid };
      }
      mkdirSync(dirname(file), { recursive: true });
      removeStale(file, (text) => text === before?.text);
      const record: LockRecord = { process: self, namespace, holder, token, store_id: storeId };
      const text = JSON.stringify(record);
      const draft = `${file}.${process.pid}.new`;
      writeFileSync(draft, text, { mode: 0o600 });
      try {
        if (!createWhole(draft, file)) return { heldBy: read(file)?.record?.process.pid ?? 0 };
      } finally {
        rmSync(draft, { force: true });
      }
      held = text;
      return 'acquired';
    },
    isHeld: isOurs,
    touch() {
      const now = new Date();
      if (isOurs()) utimesSync(file, now, now);
    },
    release() {
      if (isOurs()) rmSync(file, { force: true });
      held = undefined;
    },
  };
}

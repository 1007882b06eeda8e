import { describe, expect, it } from '@jest/globals';
import { HostId, newOperation, type Operation, OperationId, VmId } from '@golem-provider/contracts';
import { AppError, createLogger } from '@golem-provider/service-kit';
import type { FeedListener } from '@golem-provider/store';
import { createOperationWaiter, type OperationWaiter } from './operation-waiter.ts';

const ID = OperationId.parse('op-00000000-0000-0000-0000-000000000000');
const AT = '2026-01-01T12:00:00.000Z';
const QUEUED: Operation = newOperation(
  {
    id: ID,
    host_id: HostId.parse('local'),
    vm_id: VmId.parse('golem-web-20260101-120000'),
    kind: 'create',
    generation: 1,
    request_id: null,
  },
  AT,
);
const DONE: Operation = { ...QUEUED, status: 'completed', phase: 'done' };
const LONG_MS = 60_000;

type Reading = Operation | Error;

/** A waiter whose store gives one reading after the other, the last one again and again; events come from the test. */
function waiterOver(
  readings: Reading[],
  recheckMs = 5,
): {
  waiter: OperationWaiter;
  stopping: AbortController;
  listeners: Set<FeedListener>;
} {
  const stopping = new AbortController();
  const listeners = new Set<FeedListener>();
  const waiter = createOperationWaiter({
    records: {
      getOperation() {
        const reading = readings.length > 1 ? readings.shift() : readings[0];
        return reading instanceof Error ? Promise.reject(reading) : Promise.resolve(reading);
      },
    },
    feed: {
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    stopping: stopping.signal,
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
    recheckMs,
  });
  return { waiter, stopping, listeners };
}

describe('createOperationWaiter', () => {
  const never = new AbortController().signal;

  it('looks again as soon as an event tells of the end', async () => {
    // Without the event the next look would come long after the test has been ended.
    const { waiter, listeners } = waiterOver([QUEUED, DONE], 10 * LONG_MS);
    const wait = waiter.wait(ID, 10 * LONG_MS, never);
    const { vm_id, kind, status, phase, progress, error } = DONE;
    const event = {
      type: 'operation',
      at: AT,
      vm_id,
      job_id: ID,
      operation: kind,
      status,
      phase,
      progress,
      error,
    } as const;

    for (const listener of listeners) listener({ id: '1-0', owner: null, event });

    expect(await wait).toEqual(DONE);
  });

  it('sees the end of an operation whose event was lost', async () => {
    const { waiter, listeners } = waiterOver([QUEUED, QUEUED, DONE]);

    expect(await waiter.wait(ID, LONG_MS, never)).toEqual(DONE);
    expect(listeners.size).toBe(0);
  });

  it('goes on through moments in which the store does not answer', async () => {
    const { waiter } = waiterOver([QUEUED, new AppError('STORE_UNAVAILABLE', 'x'), DONE]);

    expect(await waiter.wait(ID, LONG_MS, never)).toEqual(DONE);
  });

  it('gives back what it last saw when the time is over', async () => {
    const { waiter } = waiterOver([QUEUED, new AppError('STORE_UNAVAILABLE', 'x')]);

    expect(await waiter.wait(ID, 20, never)).toEqual(QUEUED);
  });

  it('knows nothing when the store never answered', async () => {
    const { waiter } = waiterOver([new AppError('STORE_UNAVAILABLE', 'x')]);

    expect(await waiter.wait(ID, 20, never)).toBeUndefined();
  });

  it('ends when the gateway stops', async () => {
    const { waiter, stopping } = waiterOver([QUEUED]);
    const wait = waiter.wait(ID, LONG_MS, never);
    stopping.abort();

    expect(await wait).toEqual(QUEUED);
  });

  it('rejects when the client has gone, and listens no more', async () => {
    const { waiter, listeners } = waiterOver([QUEUED]);
    const gone = new AbortController();
    const wait = waiter.wait(ID, LONG_MS, gone.signal);
    gone.abort(new Error('gone'));

    await expect(wait).rejects.toThrow('gone');
    expect(listeners.size).toBe(0);
  });
});

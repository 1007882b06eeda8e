import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import { createVmTurns, Overtaken } from './vm-turns.ts';

const A = VmId.parse('golem-aaa-20260101-000000');
const B = VmId.parse('golem-bbb-20260101-000000');
const { signal } = new AbortController();
const ENDING = new AbortController().signal;
const QUEUES = { overtakes: false, signal };
const OVERTAKES = { overtakes: true, signal };

function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Runs until its signal aborts, then rejects with the reason. */
function untilAborted(inner: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(new Error('aborted', { cause: inner.reason }));
    if (inner.aborted) end();
    else inner.addEventListener('abort', end, { once: true });
  });
}

describe('createVmTurns', () => {
  it('runs changes of one VM one after the other, in order', async () => {
    const turns = createVmTurns(ENDING);
    const first = gate();
    const events: string[] = [];

    const one = turns.take(A, QUEUES, async () => {
      events.push('one begins');
      await first.opened;
      events.push('one ends');
    });
    const two = turns.take(A, QUEUES, () => Promise.resolve(events.push('two')));
    await turns.take(B, QUEUES, () => Promise.resolve(events.push('another VM')));
    first.open();
    await Promise.all([one, two]);

    expect(events).toEqual(['one begins', 'another VM', 'one ends', 'two']);
  });

  it('lets a change overtake what runs and what waits', async () => {
    const turns = createVmTurns(ENDING);
    const running = turns.take(A, QUEUES, untilAborted);
    const waiting = turns.take(A, QUEUES, (inner) => Promise.reject(new Error('aborted', { cause: inner.reason })));

    const overtaking = turns.take(A, OVERTAKES, () => Promise.resolve('done'));

    await expect(running).rejects.toMatchObject({ cause: expect.any(Overtaken) });
    await expect(waiting).rejects.toMatchObject({ cause: expect.any(Overtaken) });
    await expect(overtaking).resolves.toBe('done');
  });

  it('lets whatever comes later overtake a change that yields', async () => {
    const turns = createVmTurns(ENDING);
    const yielding = turns.take(A, { ...QUEUES, yields: true }, untilAborted);

    const later = turns.take(A, QUEUES, () => Promise.resolve('done'));

    await expect(yielding).rejects.toMatchObject({ cause: expect.any(Overtaken) });
    await expect(later).resolves.toBe('done');
  });

  it('goes on after a change that failed, and is not busy in the end', async () => {
    const turns = createVmTurns(ENDING);
    const failing = turns.take(A, QUEUES, () => Promise.reject(new Error('no')));

    await expect(turns.take(A, QUEUES, () => Promise.resolve('next'))).resolves.toBe('next');

    await expect(failing).rejects.toThrow('no');
    expect(turns.isBusy(A)).toBe(false);
  });

  it('leaves nothing at signals that last longer than a turn', async () => {
    const [caller, ending] = [new AbortController().signal, new AbortController().signal];
    const turns = createVmTurns(ending);
    await turns.take(A, { overtakes: false, signal: caller }, () => Promise.resolve());
    await expect(
      turns.take(A, { overtakes: false, signal: caller }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    expect([caller, ending].flatMap((signal) => getEventListeners(signal, 'abort'))).toEqual([]);
  });

  it('passes on the abort of the caller', async () => {
    const turns = createVmTurns(ENDING);
    const controller = new AbortController();
    const run = turns.take(A, { overtakes: false, signal: controller.signal }, untilAborted);
    await Promise.resolve();

    controller.abort(new Error('shutdown'));

    await expect(run).rejects.toMatchObject({ cause: new Error('shutdown') });
  });
});

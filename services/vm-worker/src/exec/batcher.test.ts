import { beforeEach, describe, expect, it } from '@jest/globals';
import { createBatcher, type Batcher, type Settled } from './batcher.ts';

interface Run {
  readonly changes: readonly string[];
  readonly finish: (results: readonly Settled<string>[]) => void;
  readonly fail: (error: Error) => void;
}

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const { signal } = new AbortController();

describe('the batcher', () => {
  let runs: Run[];
  let timers: { callback: () => void; ms: number }[];
  let batcher: Batcher<string, string>;

  const fire = (): void => timers.shift()?.callback();
  const finishRun = async (index: number): Promise<void> => {
    const run = runs[index];
    run?.finish(run.changes.map((change) => ({ ok: true, outcome: `${change} done` })));
    await settle();
  };

  beforeEach(() => {
    runs = [];
    timers = [];
    batcher = createBatcher<string, string>({
      gatherMs: 15,
      keyOf: (change) => (change === 'ensure' ? undefined : change.split('=')[0]),
      run: (changes) => new Promise((finish, fail) => void runs.push({ changes, finish, fail })),
      schedule: (callback, ms) => void timers.push({ callback, ms }),
    });
  });

  it('lets changes that come within a moment share one run', async () => {
    const outcomes = Promise.all(['a=1', 'b=1', 'c=1'].map((change) => batcher.submit(change, signal)));
    expect(timers.map(({ ms }) => ms)).toEqual([15]);
    expect(runs).toEqual([]);
    fire();
    expect(runs.map(({ changes }) => changes)).toEqual([['a=1', 'b=1', 'c=1']]);
    await finishRun(0);
    await expect(outcomes).resolves.toEqual(['a=1 done', 'b=1 done', 'c=1 done']);
  });

  it('lets no more share a run than may, in the order in which they came', async () => {
    batcher = createBatcher<string, string>({
      gatherMs: 0,
      most: 2,
      keyOf: (change) => change,
      run: (changes) => new Promise((finish, fail) => void runs.push({ changes, finish, fail })),
      schedule: (callback, ms) => void timers.push({ callback, ms }),
    });
    const outcomes = Promise.all(['a', 'b', 'c', 'd', 'e'].map((change) => batcher.submit(change, signal)));
    fire();
    for (let run = 0; run < 3; run += 1) await finishRun(run);
    await expect(outcomes).resolves.toHaveLength(5);
    expect(runs.map(({ changes }) => changes)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('gathers what comes during a run for the next, which begins at once', async () => {
    const first = batcher.submit('a=1', signal);
    fire();
    const others = Promise.all(['b=1', 'c=1'].map((change) => batcher.submit(change, signal)));
    await settle();
    expect(runs).toHaveLength(1);
    await finishRun(0);
    await expect(first).resolves.toBe('a=1 done');
    expect(runs.map(({ changes }) => changes)).toEqual([['a=1'], ['b=1', 'c=1']]);
    expect(timers).toEqual([]);
    await finishRun(1);
    await expect(others).resolves.toHaveLength(2);
  });

  it('waits for others again after it has come to rest', async () => {
    const first = batcher.submit('a=1', signal);
    fire();
    await finishRun(0);
    await first;
    const second = batcher.submit('b=1', signal);
    expect(timers).toHaveLength(1);
    fire();
    await finishRun(1);
    await expect(second).resolves.toBe('b=1 done');
  });

  it('makes two changes of one thing one after the other, in their order', async () => {
    const all = Promise.all(
      ['a=1', 'ensure', 'a=2', 'b=1', 'ensure', 'a=3'].map((change) => batcher.submit(change, signal)),
    );
    fire();
    await finishRun(0);
    await finishRun(1);
    await finishRun(2);
    expect(runs.map(({ changes }) => changes)).toEqual([['a=1', 'ensure', 'b=1', 'ensure'], ['a=2'], ['a=3']]);
    await expect(all).resolves.toHaveLength(6);
  });

  it('tells each change its own result', async () => {
    const outcomes = Promise.allSettled(['a=1', 'b=1', 'c=1'].map((change) => batcher.submit(change, signal)));
    fire();
    runs[0]?.finish([
      { ok: true, outcome: 'fine' },
      { ok: false, error: new Error('refused') },
    ]);
    await expect(outcomes).resolves.toMatchObject([
      { value: 'fine' },
      { reason: { message: 'refused' } },
      { reason: { message: 'a change of a batch was left without a result' } },
    ]);
  });

  it('fails every change of a run that fails, and goes on with the next', async () => {
    const outcomes = Promise.allSettled(['a=1', 'b=1'].map((change) => batcher.submit(change, signal)));
    fire();
    const next = batcher.submit('c=1', signal);
    runs[0]?.fail(new Error('broken'));
    await expect(outcomes).resolves.toMatchObject([
      { reason: { message: 'broken' } },
      { reason: { message: 'broken' } },
    ]);
    await finishRun(1);
    await expect(next).resolves.toBe('c=1 done');
  });

  it('drops a change whose caller gives up before it has begun', async () => {
    const controller = new AbortController();
    const dropped = batcher.submit('a=1', controller.signal);
    const kept = batcher.submit('b=1', signal);
    controller.abort(new Error('overtaken'));
    await expect(dropped).rejects.toThrow('overtaken');
    fire();
    expect(runs.map(({ changes }) => changes)).toEqual([['b=1']]);
    await finishRun(0);
    await expect(kept).resolves.toBe('b=1 done');
    await expect(batcher.submit('c=1', controller.signal)).rejects.toThrow('overtaken');
  });

  it('brings a change to its end whose caller gives up when it has begun', async () => {
    const controller = new AbortController();
    const given = batcher.submit('a=1', controller.signal);
    fire();
    controller.abort(new Error('overtaken'));
    await expect(given).rejects.toThrow('overtaken');
    const next = batcher.submit('a=2', signal);
    await settle();
    expect(runs).toHaveLength(1);
    await finishRun(0);
    await finishRun(1);
    await expect(next).resolves.toBe('a=2 done');
  });

  it('runs nothing when every change was dropped', async () => {
    const controller = new AbortController();
    const dropped = batcher.submit('a=1', controller.signal);
    controller.abort(new Error('overtaken'));
    await expect(dropped).rejects.toThrow('overtaken');
    fire();
    await settle();
    expect(runs).toEqual([]);
    void batcher.submit('b=1', signal);
    expect(timers).toHaveLength(1);
  });
});

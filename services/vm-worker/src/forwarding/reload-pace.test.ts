import { describe, expect, it } from '@jest/globals';
import { createReloadPace } from './reload-pace.ts';

const MINUTE_MS = 60_000;

function paceFrom(ms = 0) {
  const clock = { ms, elapsed: () => clock.ms };
  return { clock, pace: createReloadPace(clock) };
}

describe('the pace of reloads', () => {
  it('keeps nobody waiting at first, and ever longer in a burst, up to a limit', () => {
    const { clock, pace } = paceFrom();
    const waits: number[] = [];
    for (let reload = 0; reload < 10; reload += 1) {
      pace.began();
      waits.push(pace.waitMs());
      clock.ms += waits.at(-1) ?? 0;
    }
    expect(waits).toEqual([0, 0, 250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  });

  it('counts the time since the reload began', () => {
    const { clock, pace } = paceFrom();
    for (let reload = 0; reload < 5; reload += 1) pace.began();
    clock.ms += 400;
    expect(pace.waitMs()).toBe(600);
    clock.ms += MINUTE_MS;
    expect(pace.waitMs()).toBe(0);
  });

  it('forgets a burst that is over', () => {
    const { clock, pace } = paceFrom();
    for (let reload = 0; reload < 8; reload += 1) pace.began();
    clock.ms += 10_001;
    pace.began();
    expect(pace.waitMs()).toBe(0);
  });

  it('makes a fifth of the reloads for a hundred guests that come up two at a time, every two seconds', () => {
    const { clock, pace } = paceFrom();
    let reloads = 0;
    for (clock.ms = 2000; clock.ms <= 100_000; clock.ms += 2000) {
      if (pace.waitMs() > 0) continue;
      pace.began();
      reloads += 1;
    }
    expect(reloads).toBe(21);
  });
});

describe('a change that may wait', () => {
  const { signal } = new AbortController();

  it('goes on at once where there is no burst', async () => {
    await expect(paceFrom().pace.turn(signal)).resolves.toBeUndefined();
  });

  it('goes on with one that may not', async () => {
    const { pace } = paceFrom();
    for (let reload = 0; reload < 10; reload += 1) pace.began();
    const turns = Promise.all([pace.turn(signal), pace.turn(signal)]);
    pace.hurry();
    await expect(turns).resolves.toHaveLength(2);
  });

  it('ends with the caller', async () => {
    const { pace } = paceFrom();
    for (let reload = 0; reload < 10; reload += 1) pace.began();
    const controller = new AbortController();
    const turn = pace.turn(controller.signal);
    controller.abort(new Error('overtaken'));
    await expect(turn).rejects.toThrow('overtaken');
    await expect(pace.turn(controller.signal)).rejects.toThrow('overtaken');
  });

  it('is due when its time has come', async () => {
    const { pace } = paceFrom();
    for (let reload = 0; reload < 3; reload += 1) pace.began();
    await expect(pace.turn(signal)).resolves.toBeUndefined();
  });
});

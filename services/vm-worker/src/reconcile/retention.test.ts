import { describe, expect, it } from '@jest/globals';
import { vmRecord } from '@golem-provider/testing';
import { createRetention, DISCARDED_RETENTION_MS } from './retention.ts';

const HOUR_MS = 60 * 60 * 1000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const vm = vmRecord();
const writtenAt = Date.parse(vm.updated_at);

function scene(nowMs: number) {
  const clock = {
    nowMs,
    elapsedMs: 5,
    now: () => clock.nowMs,
    elapsed: () => clock.elapsedMs,
    pass(ms: number) {
      clock.nowMs += ms;
      clock.elapsedMs += ms;
    },
  };
  return { clock, retention: createRetention(clock) };
}

describe('the retention of records', () => {
  it('is a day', () => {
    const { clock, retention } = scene(writtenAt);
    expect(retention.isOver(vm)).toBe(false);
    clock.pass(DISCARDED_RETENTION_MS - 1);
    expect(retention.isOver(vm)).toBe(false);
    clock.pass(2);
    expect(retention.isOver(vm)).toBe(true);
  });

  it('counts the time before this worker began', () => {
    const { clock, retention } = scene(writtenAt + 20 * HOUR_MS);
    expect(retention.isOver(vm)).toBe(false);
    clock.pass(4 * HOUR_MS + 1);
    expect(retention.isOver(vm)).toBe(true);
  });

  it.each([
    ['forwards', YEAR_MS],
    ['back', -YEAR_MS],
  ])('is not changed by a clock that is set %s', (_, stepMs) => {
    const { clock, retention } = scene(writtenAt);
    expect(retention.isOver(vm)).toBe(false);
    clock.nowMs += stepMs;
    expect(retention.isOver(vm)).toBe(false);
    clock.pass(DISCARDED_RETENTION_MS + 1);
    expect(retention.isOver(vm)).toBe(true);
  });

  it.each([
    ['ahead', YEAR_MS, HOUR_MS],
    ['behind', -YEAR_MS, DISCARDED_RETENTION_MS],
  ])('neither ends at once nor lasts for years when the clock was %s at the start', (_, offMs, atMostMs) => {
    const { clock, retention } = scene(writtenAt + offMs);
    expect(retention.isOver(vm)).toBe(false);
    clock.pass(atMostMs + 1);
    expect(retention.isOver(vm)).toBe(true);
  });

  it('begins anew with a record that has changed or gone', () => {
    const { clock, retention } = scene(writtenAt);
    retention.isOver(vm);
    clock.elapsedMs += DISCARDED_RETENTION_MS + 1;
    expect(retention.isOver({ ...vm, revision: vm.revision + 1 })).toBe(false);
    retention.keepOnly(new Set());
    expect(retention.isOver(vm)).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { vmRecord } from '@golem-provider/testing';
import { createMendSchedule } from './mend-schedule.ts';

const MINUTE_MS = 60_000;
const vm = vmRecord();

function scene() {
  const clock = { ms: 0, elapsed: () => clock.ms };
  return { clock, schedule: createMendSchedule(clock) };
}

describe('the schedule of mends', () => {
  it('starts a machine again at once, but one that keeps going down ever more rarely', () => {
    const { clock, schedule } = scene();
    const waits = Array.from({ length: 7 }, () => {
      const waitMs = schedule.waitMs(vm, 'stopped');
      clock.ms += waitMs + 1000;
      schedule.ended(vm, 'stopped', 'revived');
      return waitMs;
    });
    expect(waits).toEqual([0, 0, 0, 50_000, 100_000, 200_000, 300_000]);
  });

  it('counts anew once the machine was up for a while', () => {
    const { clock, schedule } = scene();
    for (let count = 0; count < 4; count += 1) schedule.ended(vm, 'stopped', 'revived');
    expect(schedule.waitMs(vm, 'stopped')).toBeGreaterThan(0);
    clock.ms += 20 * MINUTE_MS;
    schedule.ended(vm, 'stopped', 'revived');
    expect(schedule.waitMs(vm, 'stopped')).toBe(0);
  });

  it('waits after a failure, unless the machine has changed or somebody wants something else', () => {
    const { schedule } = scene();
    schedule.ended(vm, 'running', 'failed');
    expect(schedule.waitMs(vm, 'running')).toBe(50_000);
    expect(schedule.waitMs(vm, 'stopped')).toBe(0);
    expect(schedule.waitMs({ ...vm, generation: vm.generation + 1 }, 'running')).toBe(0);
    schedule.keepOnly(new Set());
    expect(schedule.waitMs(vm, 'running')).toBe(0);
  });

  it('never waits after little was to be done', () => {
    const { schedule } = scene();
    schedule.ended(vm, 'running', 'kept');
    expect(schedule.waitMs(vm, 'running')).toBe(0);
  });
});

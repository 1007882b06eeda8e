import { beforeEach, describe, expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import { vmRecord } from '@golem-provider/testing';
import { createVmTurns } from '../operations/vm-turns.ts';
import { createStrayCollector, type StrayCollector, type StrayLook } from './strays.ts';

const STRAY = VmId.parse('golem-old-20260101-000000');
const FOREIGN = VmId.parse('golem-foreign-20260101-000000');
const HOUR_MS = 60 * 60_000;
const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
const { signal } = new AbortController();
const LOOK: StrayLook = {
  known: new Set(),
  machines: [STRAY],
  forwards: [],
  directories: [STRAY],
  untrusted: new Set(),
};

let removed: string[];
let hasRecord: boolean;
let storeAgeMs: number;
let nowMs: number;
let strays: StrayCollector;
beforeEach(() => {
  removed = [];
  hasRecord = false;
  storeAgeMs = 2 * HOUR_MS;
  nowMs = 0;
  const remove =
    (what: string) =>
    (id: VmId): Promise<void> => {
      removed.push(`${what} ${id}`);
      return Promise.resolve();
    };
  strays = createStrayCollector({
    records: { getVm: () => Promise.resolve(hasRecord ? vmRecord() : undefined) },
    hypervisor: { delete: remove('machine') },
    forwarder: { remove: remove('forward') },
    keys: { remove: remove('keys') },
    turns: createVmTurns(signal),
    isOurs: (id) => Promise.resolve(id !== FOREIGN),
    storeAgeMs: () => storeAgeMs,
    mends: { tell: (id, mend) => Promise.resolve(void removed.push(`told ${mend} ${id}`)) },
    clock: { now: () => nowMs, elapsed: () => nowMs },
    logger,
  });
});

/** So many looks, as far apart as the resync looks by itself. */
async function looks(count: number, look = LOOK, apartMs = 60_000): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    await strays.collect(look, signal);
    nowMs += apartMs;
  }
}

describe('createStrayCollector', () => {
  it('removes what several looks in a row have found, not before', async () => {
    await looks(4);
    expect(removed).toEqual([]);

    await looks(1);

    expect(removed).toEqual([`forward ${STRAY}`, `machine ${STRAY}`, `keys ${STRAY}`, `told stray ${STRAY}`]);
  });

  it('counts looks only that lie some time apart', async () => {
    await looks(20, LOOK, 1000);

    expect(removed).toEqual([]);
  });

  it('counts anew when a look did not find it', async () => {
    await looks(4);
    await looks(1, { ...LOOK, machines: [], directories: [] });
    await looks(4);

    expect(removed).toEqual([]);
  });

  it.each<[string, Partial<StrayLook>]>([
    ['has a record', { known: new Set([STRAY]) }],
    ['has a manifest that could not be used', { untrusted: new Set([STRAY]) }],
  ])('leaves what %s', async (_, change) => {
    await looks(9, { ...LOOK, ...change });

    expect(removed).toEqual([]);
  });

  it('leaves a machine that was not made from here', async () => {
    await looks(9, { ...LOOK, machines: [FOREIGN], directories: [] });

    expect(removed).toEqual([]);
  });

  it('leaves what got a record in the last moment', async () => {
    hasRecord = true;
    await looks(9);

    expect(removed).toEqual([]);
  });

  it('removes nothing while Redis is young, nor for an hour after it has lost data', async () => {
    storeAgeMs = HOUR_MS / 2;
    await looks(9);
    expect(removed).toEqual([]);

    storeAgeMs = 2 * HOUR_MS;
    strays.lossNoticed();
    await looks(9);
    expect(removed).toEqual([]);

    nowMs += HOUR_MS;
    await looks(1);
    expect(removed).toHaveLength(4);
  });
});

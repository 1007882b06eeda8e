import { describe, expect, it } from '@jest/globals';
import type { VmRecord } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import { runningVm } from '../testing/vm-records.ts';
import { createRecordWaiter } from './record-waiter.ts';
import { createWaitForVm, type WaitForVm } from './wait-for-vm.ts';

const LONG_MS = 600_000;
const seen = runningVm(1);
const following = { waitMs: LONG_MS, gone: new AbortController().signal };

/** Waits over a store that gives one record after the other, the last one again and again. */
function waitOver(states: (VmRecord | undefined)[]): WaitForVm {
  const left = [...states];
  const records = { getVm: () => Promise.resolve(left.length > 1 ? left.shift() : left[0]) };
  const waiter = createRecordWaiter({
    feed: { subscribe: () => () => undefined },
    stopping: new AbortController().signal,
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
    recheckMs: 1,
  });
  return createWaitForVm(records, waiter);
}

describe('createWaitForVm', () => {
  const stopping: VmRecord = { ...seen, status: 'stopping' };
  const failed: VmRecord = { ...seen, status: 'error', error: { code: 'GUEST_UNREACHABLE', message: 'no answer' } };

  it.each<[string, (VmRecord | undefined)[], 'stopped' | 'deleted' | 'error', string]>([
    ['what comes in the end', [seen, stopping, { ...seen, status: 'stopped' }], 'stopped', 'stopped'],
    ['a failure that was waited for', [seen, failed], 'error', 'error'],
    ['a VM that is gone, as it was last', [seen, stopping, undefined], 'deleted', 'deleted'],
  ])('resolves with %s', async (_, states, status, last) => {
    expect(await waitOver(states)(seen, status, following)).toMatchObject({ isReached: true, vm: { status: last } });
  });

  it('resolves with the VM as it is when the time has passed', async () => {
    expect(await waitOver([seen])(seen, 'stopped', { ...following, waitMs: 0 })).toEqual({
      isReached: false,
      vm: seen,
    });
  });

  it.each<[string, (VmRecord | undefined)[], string]>([
    ['is gone', [seen, undefined], 'VM_NOT_FOUND'],
    ['has failed', [seen, failed], 'VM_STATE_CONFLICT'],
  ])('rejects where the VM %s', async (_, states, code) => {
    await expect(waitOver(states)(seen, 'stopped', following)).rejects.toMatchObject({ code });
  });

  it('rejects when the client leaves', async () => {
    const gone = AbortSignal.abort(new Error('left'));

    await expect(waitOver([seen])(seen, 'stopped', { waitMs: LONG_MS, gone })).rejects.toThrow('left');
  });
});

import { describe, expect, it } from '@jest/globals';
import { AppError } from '@golem-provider/service-kit';
import { createStateReader } from './state-reader.ts';

const COMMAND = { program: 'multipass', args: ['list'], timeoutMs: 1000 };
const NAME = 'golem-web-20260101-120000';

/** A Multipass whose answers the test gives, each with the state that is then. */
function scene() {
  const calls: { readonly answer: (state: string) => void; readonly fail: () => void; readonly signal: AbortSignal }[] =
    [];
  const read = createStateReader(
    {
      ask: (_command, _doing, signal) =>
        new Promise((resolve, reject) => {
          calls.push({
            answer: (state) => resolve(JSON.stringify({ list: [{ name: NAME, state }] })),
            fail: () => reject(new AppError('HYPERVISOR_UNAVAILABLE', 'asking')),
            signal,
          });
        }),
    },
    COMMAND,
  );
  const stateNow = async (signal = new AbortController().signal): Promise<string | undefined> =>
    [...(await read(signal)).values()][0];
  const settle = (): Promise<void> => new Promise(setImmediate);
  return { calls, stateNow, settle };
}

describe('reading states', () => {
  it('shares one call among all who ask while another is under way, and tells nobody what is older than the question', async () => {
    const { calls, stateNow, settle } = scene();
    const first = stateNow();
    await settle();
    const later = [stateNow(), stateNow(), stateNow()];
    await settle();
    expect(calls).toHaveLength(1);
    calls[0]?.answer('Starting');
    expect(await first).toBe('Starting');
    await settle();
    expect(calls).toHaveLength(2);
    calls[1]?.answer('Running');
    expect(await Promise.all(later)).toEqual(['Running', 'Running', 'Running']);
  });

  it('asks again after a failure', async () => {
    const { calls, stateNow, settle } = scene();
    const first = stateNow();
    await settle();
    const second = stateNow();
    calls[0]?.fail();
    await expect(first).rejects.toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' });
    await settle();
    calls[1]?.answer('Running');
    expect(await second).toBe('Running');
  });

  it('ends the call only when nobody waits for it any more', async () => {
    const { calls, stateNow, settle } = scene();
    const one = new AbortController();
    const two = new AbortController();
    const waits = [stateNow(one.signal), stateNow(two.signal)];
    await settle();
    one.abort(new Error('left'));
    await expect(waits[0]).rejects.toThrow('left');
    expect(calls[0]?.signal.aborted).toBe(false);
    two.abort(new Error('left too'));
    await expect(waits[1]).rejects.toThrow('left too');
    expect(calls[0]?.signal.aborted).toBe(true);
  });
});

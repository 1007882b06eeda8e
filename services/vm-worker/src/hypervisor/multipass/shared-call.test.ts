import { getEventListeners } from 'node:events';
import { VmId } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import { type CallAboutSeveral, createSharedCall } from './shared-call.ts';

const ids = Array.from({ length: 40 }, (_, index) => VmId.parse(`golem-web-20260101-1200${10 + index}`));
const { signal } = new AbortController();

function recorded(answer: CallAboutSeveral<string>) {
  const calls: (readonly VmId[])[] = [];
  const call = createSharedCall<string>((some, callSignal) => {
    calls.push(some);
    return answer(some, callSignal);
  }, 16);
  return { call, sizes: () => calls.map(({ length }) => length) };
}

describe('a call that may be shared', () => {
  it('leaves nothing at the signals of those that asked', async () => {
    const { call } = recorded((some) => Promise.resolve(some.map(() => 'done')));
    const caller = new AbortController();
    await Promise.all(ids.slice(0, 3).map((id) => call(id, caller.signal)));
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });

  it('is one for those that ask at once, up to a number', async () => {
    const { call, sizes } = recorded((some) => Promise.resolve(some.map((id) => `about ${id}`)));
    expect(await Promise.all(ids.map((id) => call(id, signal)))).toEqual(ids.map((id) => `about ${id}`));
    expect(sizes()).toEqual([16, 16, 8]);
  });

  it('is made for each alone where it cannot be made for all', async () => {
    const { call, sizes } = recorded((some) => {
      if (some.length > 1) return Promise.resolve('one_by_one');
      return some[0] === ids[1] ? Promise.reject(new Error('does not exist')) : Promise.resolve(['done']);
    });
    const outcomes = await Promise.allSettled(ids.slice(0, 3).map((id) => call(id, signal)));
    expect(outcomes).toMatchObject([{ value: 'done' }, { reason: { message: 'does not exist' } }, { value: 'done' }]);
    expect(sizes()).toEqual([3, 1, 1, 1]);
  });

  it('fails for all where there is no answer', async () => {
    const { call, sizes } = recorded(() => Promise.reject(new Error('no answer')));
    const outcomes = await Promise.allSettled(ids.slice(0, 3).map((id) => call(id, signal)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(sizes()).toEqual([3]);
  });

  it('goes on while somebody waits for it, and is aborted when nobody does', async () => {
    let ended: unknown;
    let begin: (signal: AbortSignal) => void = () => undefined;
    const begun = new Promise<AbortSignal>((resolve) => (begin = resolve));
    const { call } = recorded(
      (_, callSignal) =>
        new Promise((_resolve, reject) => {
          begin(callSignal);
          callSignal.addEventListener('abort', () => {
            ended = callSignal.reason;
            reject(new Error('ended'));
          });
        }),
    );
    const [first, second] = [new AbortController(), new AbortController()];
    const [one, other] = ['golem-web-20260101-120000', 'golem-web-20260101-120001'].map((id) => VmId.parse(id));
    if (one === undefined || other === undefined) throw new Error('there are two');
    const waits = Promise.allSettled([call(one, first.signal), call(other, second.signal)]);
    const callSignal = await begun;
    first.abort(new Error('overtaken'));
    expect(callSignal.aborted).toBe(false);
    second.abort(new Error('stopping'));
    expect(await waits).toMatchObject([{ reason: { message: 'overtaken' } }, { reason: { message: 'stopping' } }]);
    expect(ended).toEqual(new Error('stopping'));
  });
});

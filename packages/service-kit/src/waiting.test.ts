import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { abortable, followSignals, isDeadline, pause, underDeadline, withDeadline } from './waiting.ts';

const never = new Promise<string>(() => undefined);

describe('abortable', () => {
  it('gives the value of a promise that is settled in time', async () => {
    await expect(abortable(Promise.resolve('value'), new AbortController().signal)).resolves.toBe('value');
  });

  it('rejects with the error of the promise', async () => {
    await expect(abortable(Promise.reject(new Error('broken')), new AbortController().signal)).rejects.toThrow(
      'broken',
    );
  });

  it('rejects with the reason of the signal when a promise hangs', async () => {
    const controller = new AbortController();
    const waiting = abortable(never, controller.signal);
    controller.abort(new Error('too late'));
    await expect(waiting).rejects.toThrow('too late');
  });

  it('rejects at once where the signal has aborted before', async () => {
    await expect(abortable(never, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('followSignals', () => {
  it('aborts with the reason of the one that does', () => {
    const [first, second, both] = [new AbortController(), new AbortController(), new AbortController()];
    followSignals(both, [first.signal, second.signal]);
    second.abort(new Error('second'));
    expect(both.signal.reason).toEqual(new Error('second'));
  });

  it('aborts at once where one has aborted before', () => {
    const controller = new AbortController();
    followSignals(controller, [new AbortController().signal, AbortSignal.abort(new Error('before'))]);
    expect(controller.signal.reason).toEqual(new Error('before'));
  });

  it('leaves nothing at the signals when it lets go of them', () => {
    const [first, second, both] = [new AbortController(), new AbortController(), new AbortController()];
    const letGo = followSignals(both, [first.signal, second.signal]);
    expect([first, second].map(({ signal }) => listenersOf(signal))).toEqual([1, 1]);
    letGo();
    first.abort();
    expect([both.signal.aborted, listenersOf(first.signal), listenersOf(second.signal)]).toEqual([false, 0, 0]);
  });
});

describe('underDeadline', () => {
  it('gives what the run gives, and leaves nothing at the signal', async () => {
    const { signal } = new AbortController();
    await expect(underDeadline(signal, 60_000, () => Promise.resolve('value'))).resolves.toBe('value');
    await expect(underDeadline(signal, 60_000, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(listenersOf(signal)).toBe(0);
  });

  it('aborts the run when the time is over', async () => {
    const { signal } = new AbortController();
    await expect(underDeadline(signal, 20, (limited) => pause(60_000, limited))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(listenersOf(signal)).toBe(0);
  });
});

describe('withDeadline', () => {
  const LONG_MS = 60_000;

  it('aborts with a TimeoutError when the time is over, also after the garbage collector has run', async () => {
    const signal = withDeadline(new AbortController().signal, 50);
    const waiting = pause(LONG_MS, signal);
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    collectGarbage();

    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(isDeadline(signal)).toBe(true);
  });

  it('aborts with the reason of the signal when that comes first, or has come already', async () => {
    const controller = new AbortController();
    const before = withDeadline(controller.signal, LONG_MS);
    controller.abort(new Error('enough'));
    const after = withDeadline(controller.signal, LONG_MS);

    for (const signal of [before, after]) {
      await expect(pause(LONG_MS, signal)).rejects.toThrow('enough');
      expect(isDeadline(signal)).toBe(false);
    }
  });

  it('is given to any number of calls at once without a warning', async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', note);
    const controller = new AbortController();
    for (let call = 0; call < 30; call += 1) withDeadline(controller.signal, LONG_MS);
    // Warnings are emitted in a later turn.
    await new Promise(setImmediate);
    process.off('warning', note);
    controller.abort();

    expect(warnings).toEqual([]);
  });
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { abortable, isDeadline, pause, withDeadline } from './waiting.ts';

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

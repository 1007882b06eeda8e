import { describe, expect, it } from '@jest/globals';
import { abortable } from './waiting.ts';

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

import { describe, expect, it } from '@jest/globals';
import { createSharedWork } from './shared-work.ts';

interface Held {
  readonly signal: AbortSignal;
  readonly tell: (progress: number) => void;
  readonly finish: (result: string) => void;
}

function held(): { runs: Held[]; run: (signal: AbortSignal, tell: (progress: number) => void) => Promise<string> } {
  const runs: Held[] = [];
  const run = (signal: AbortSignal, tell: (progress: number) => void): Promise<string> =>
    new Promise((finish, reject) => {
      signal.addEventListener('abort', () => reject(new Error('the run was aborted')));
      runs.push({ signal, tell, finish });
    });
  return { runs, run };
}

describe('createSharedWork', () => {
  it('runs once for all who wait, and tells each of them how far it is', async () => {
    const work = createSharedWork<number, string>();
    const { runs, run } = held();
    const heard: string[] = [];
    const caller = (name: string) => ({
      signal: new AbortController().signal,
      onProgress: (progress: number) => heard.push(`${name} ${progress}`),
    });
    const results = [work.do('x', caller('a'), run), work.do('x', caller('b'), run)];
    runs[0]?.tell(50);
    runs[0]?.finish('done');
    expect(await Promise.all(results)).toEqual(['done', 'done']);
    expect(heard.sort()).toEqual(['a 50', 'b 50']);
    expect(runs).toHaveLength(1);
  });

  it('goes on for the others when one gives up, and is aborted when all have', async () => {
    const work = createSharedWork<number, string>();
    const { runs, run } = held();
    const [first, second] = [new AbortController(), new AbortController()];
    const onProgress = (): void => undefined;
    const a = work.do('x', { signal: first.signal, onProgress }, run);
    const b = work.do('x', { signal: second.signal, onProgress }, run);
    first.abort(new Error('a gave up'));
    await expect(a).rejects.toThrow('a gave up');
    expect(runs[0]?.signal.aborted).toBe(false);
    second.abort(new Error('b gave up'));
    await expect(b).rejects.toThrow('b gave up');
    expect(runs[0]?.signal.aborted).toBe(true);
  });

  it('begins anew after a failure', async () => {
    const work = createSharedWork<number, string>();
    const caller = { signal: new AbortController().signal, onProgress: () => undefined };
    await expect(work.do('x', caller, () => Promise.reject(new Error('first')))).rejects.toThrow('first');
    expect(await work.do('x', caller, () => Promise.resolve('second'))).toBe('second');
  });
});

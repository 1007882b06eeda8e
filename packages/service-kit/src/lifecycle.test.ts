import { describe, expect, it } from '@jest/globals';
import { type Component, compose } from './lifecycle.ts';

function recorder(): { events: string[]; part: (name: string, failing?: 'start' | 'stop') => Component } {
  const events: string[] = [];
  return {
    events,
    part: (name, failing) => ({
      name,
      start: () => {
        events.push(`start ${name}`);
        return failing === 'start' ? Promise.reject(new Error('no')) : Promise.resolve();
      },
      stop: () => {
        events.push(`stop ${name}`);
        return failing === 'stop' ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    }),
  };
}

describe('compose', () => {
  it('starts in order and stops in reverse', async () => {
    const { events, part } = recorder();
    const all = compose('all', [part('a'), part('b')]);

    await all.start();
    await all.stop();

    expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops what had started when a start fails', async () => {
    const { events, part } = recorder();

    await expect(compose('all', [part('a'), part('b', 'start'), part('c')]).start()).rejects.toThrow('starting b');

    expect(events).toEqual(['start a', 'start b', 'stop a']);
  });

  it('stops all even if one fails, and tells of it', async () => {
    const { events, part } = recorder();
    const all = compose('all', [part('a'), part('b', 'stop')]);
    await all.start();

    await expect(all.stop()).rejects.toThrow(AggregateError);

    expect(events.slice(2)).toEqual(['stop b', 'stop a']);
  });
});

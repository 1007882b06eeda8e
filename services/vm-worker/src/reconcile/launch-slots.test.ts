import { describe, expect, it } from '@jest/globals';
import { createLaunchSlots } from './launch-slots.ts';

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const { signal } = new AbortController();

/** A launch that ends when it is told to. */
function launch() {
  const state = { hasBegun: false, release: (): void => undefined, end: (): void => undefined };
  const run = (release: () => void): Promise<string> => {
    Object.assign(state, { hasBegun: true, release });
    return new Promise((resolve) => {
      state.end = () => resolve('done');
    });
  };
  return { state, run };
}

describe('launch slots', () => {
  it('keep a launch waiting until another has ended, and tell whether any is in use', async () => {
    const slots = createLaunchSlots(1);
    expect(slots.areInUse()).toBe(false);
    const [first, second] = [launch(), launch()];
    const one = slots.hold(signal, first.run);
    const other = slots.hold(signal, second.run);
    await settle();
    expect([first.state.hasBegun, second.state.hasBegun]).toEqual([true, false]);
    first.state.end();
    await expect(one).resolves.toBe('done');
    await settle();
    expect(second.state.hasBegun).toBe(true);
    expect(slots.areInUse()).toBe(true);
    second.state.end();
    await expect(other).resolves.toBe('done');
    await settle();
    expect(slots.areInUse()).toBe(false);
  });

  it('are given back before the end by a launch that keeps nothing busy any more', async () => {
    const slots = createLaunchSlots(1);
    const [first, second] = [launch(), launch()];
    const one = slots.hold(signal, first.run);
    const other = slots.hold(signal, second.run);
    await settle();
    first.state.release();
    await settle();
    expect(second.state.hasBegun).toBe(true);
    second.state.end();
    await expect(other).resolves.toBe('done');
    first.state.end();
    await expect(one).resolves.toBe('done');
  });

  it('are not waited for by those that give up', async () => {
    const slots = createLaunchSlots(1);
    const first = launch();
    const one = slots.hold(signal, first.run);
    const controller = new AbortController();
    const other = slots.hold(controller.signal, launch().run);
    controller.abort(new Error('overtaken'));
    await expect(other).rejects.toThrow('overtaken');
    first.state.end();
    await expect(one).resolves.toBe('done');
  });

  it('pass on how a launch failed', async () => {
    const slots = createLaunchSlots(1);
    await expect(slots.hold(signal, () => Promise.reject(new Error('out of luck')))).rejects.toThrow('out of luck');
    await settle();
    expect(slots.areInUse()).toBe(false);
  });
});

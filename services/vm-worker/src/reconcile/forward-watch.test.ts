import { describe, expect, it } from '@jest/globals';
import { type VmRecord } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import { eventually, vmRecord } from '@golem-provider/testing';
import { createForwardWatch } from './forward-watch.ts';

const target = { host: '10.0.0.5', port: 22 };
const running = vmRecord({ status: 'running', ssh_target: target });

function scene(vms: readonly VmRecord[], answers: () => boolean, isBusy = false) {
  const clock = { ms: 0, elapsed: () => clock.ms };
  let looks = 0;
  let knocks = 0;
  const watch = createForwardWatch({
    records: { listVms: () => Promise.resolve([...vms]) },
    turns: { isBusy: () => isBusy },
    isListening: () => {
      knocks += 1;
      return Promise.resolve(answers());
    },
    look: () => {
      looks += 1;
    },
    clock,
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
  });
  let rounds = 0;
  /** One round of knocking after so many milliseconds. */
  const round = async (ms: number): Promise<void> => {
    clock.ms += ms;
    const before = knocks;
    if (rounds === 0) await watch.start();
    else watch.trigger();
    rounds += 1;
    await eventually(() => expect(knocks).toBe(before + 1), undefined, 1);
    await new Promise(setImmediate);
  };
  return { watch, round, looks: () => looks, knocks: () => knocks };
}

describe('the watch over forwards', () => {
  it('asks for no look while guests answer', async () => {
    const { watch, round, looks } = scene([running], () => true);
    for (let count = 0; count < 5; count += 1) await round(3000);
    await watch.stop();
    expect(looks()).toBe(0);
  });

  it('asks for a look at once when a guest is silent, then ever more rarely', async () => {
    const { watch, round, looks } = scene([running], () => false);
    await round(3000);
    expect(looks()).toBe(1);
    for (let count = 0; count < 7; count += 1) await round(1500);
    expect(looks()).toBeGreaterThanOrEqual(6);
    const soon = looks();
    for (let count = 0; count < 400; count += 1) await round(1500);
    await watch.stop();
    expect(looks() - soon).toBeGreaterThan(10);
    expect(looks() - soon).toBeLessThan(35);
  });

  it.each([
    ['is off', { ...running, status: 'stopped', desired: 'stopped' }, false],
    ['is being changed', running, true],
    ['is being brought back', { ...running, status: 'starting' }, false],
    ['has no address yet', { ...running, ssh_target: null }, false],
  ] as const)('leaves alone a VM that %s', async (_, vm, isBusy) => {
    const { watch, looks, knocks } = scene([vm], () => false, isBusy);
    await watch.start();
    await new Promise(setImmediate);
    await watch.stop();
    expect([looks(), knocks()]).toEqual([0, 0]);
  });
});

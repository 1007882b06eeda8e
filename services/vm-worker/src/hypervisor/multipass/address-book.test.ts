import { VmId } from '@golem-provider/contracts';
import { AppError, createLogger } from '@golem-provider/service-kit';
import { describe, expect, it } from '@jest/globals';
import { CommandFailure, type CommandFailureReason } from '../../exec/command-runner.ts';
import { createAddressBook } from './address-book.ts';
import { multipassCommands } from './multipass-command.ts';

const id = VmId.parse('golem-web-20260101-120000');
const MINUTE_MS = 60_000;

function bookOver(answer: () => string) {
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
  let calls = 0;
  const listening = { isIt: true };
  const book = createAddressBook({
    client: {
      ask: () => {
        calls += 1;
        return Promise.resolve().then(answer);
      },
      run: () => Promise.reject(new Error('not expected')),
      act: () => Promise.reject(new Error('nothing is changed')),
    },
    commands: multipassCommands('multipass', { queryMs: 1000, actionMs: 1000, graceMs: 30_000 }),
    isListening: () => Promise.resolve(listening.isIt),
    clock,
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
    hungMs: MINUTE_MS / 2,
  });
  const signal = AbortSignal.timeout(MINUTE_MS);
  return {
    book,
    clock,
    listening,
    find: () => book.find(id, signal),
    meet: () => book.meet(id, signal),
    calls: () => calls,
  };
}
function noAnswer(reason: CommandFailureReason): never {
  const cause = new CommandFailure(reason, 'the client gave no exit code', undefined);
  throw new AppError('HYPERVISOR_UNAVAILABLE', 'asking', { cause });
}
const running = (...ipv4: string[]): string => JSON.stringify({ info: { [id]: { state: 'Running', ipv4 } } });

describe('the address of a machine', () => {
  it('is asked for once while the machine is seen running', async () => {
    const { book, clock, find, calls } = bookOver(() => running('10.0.0.5'));
    for (let look = 0; look < 5; look += 1) {
      book.saw(id, true);
      expect(await find()).toBe('10.0.0.5');
      clock.ms += 10 * MINUTE_MS;
    }
    expect(calls()).toBe(1);
  });

  it('is asked for again when nothing listens there any more, after a moment and then ever more rarely', async () => {
    let address = '10.0.0.5';
    const { clock, listening, find, calls } = bookOver(() => running(address));
    await find();
    listening.isIt = false;
    expect(await find()).toBe('10.0.0.5');
    expect(calls()).toBe(1);
    for (let second = 0; second < 600; second += 1) {
      clock.ms += 1000;
      expect(await find()).toBe('10.0.0.5');
    }
    expect(calls()).toBeGreaterThan(5);
    expect(calls()).toBeLessThan(12);

    listening.isIt = true;
    await find();
    listening.isIt = false;
    address = '10.0.0.9';
    await find();
    clock.ms += 2000;
    expect(await find()).toBe('10.0.0.9');
  });

  it('is asked for again after it was off, and not in the moment in which it comes up', async () => {
    const { book, clock, find, calls } = bookOver(() => running('10.0.0.5'));
    await find();
    book.saw(id, false);
    book.saw(id, true);
    expect(await find()).toBeNull();
    expect(calls()).toBe(1);
    clock.ms += 6000;
    book.saw(id, true);
    expect(await find()).toBe('10.0.0.5');
    expect(calls()).toBe(2);
  });

  it('is asked for at once after a start of ours, and not again', async () => {
    const { book, find, calls, meet } = bookOver(() => running('10.0.0.5'));
    book.saw(id, false);
    expect(await meet()).toBe('10.0.0.5');
    book.saw(id, true);
    expect(await find()).toBe('10.0.0.5');
    expect(calls()).toBe(1);
  });

  it('is none after a start of ours where the machine is said not to run', async () => {
    const stopped = JSON.stringify({ info: { [id]: { state: 'Stopped', ipv4: [] } } });
    expect(await bookOver(() => stopped).meet()).toBeNull();
    const leaving = JSON.stringify({ info: { [id]: { state: 'Delayed Shutdown', ipv4: ['10.0.0.5'] } } });
    expect(await bookOver(() => leaving).meet()).toBeNull();
    const missing = (): never => {
      throw new AppError('HYPERVISOR_FAILED', 'does not exist');
    };
    expect(await bookOver(missing).meet()).toBeNull();
  });

  it('is asked for ever more rarely while there is none', async () => {
    const { clock, find, calls } = bookOver(() => running());
    for (let second = 0; second < 600; second += 1) {
      expect(await find()).toBeNull();
      clock.ms += 1000;
    }
    expect(calls()).toBeGreaterThan(5);
    expect(calls()).toBeLessThan(12);
  });

  it('is asked for again half a minute after a guest held up Multipass, then ever more rarely', async () => {
    const { clock, find, calls } = bookOver(() => noAnswer('timed_out'));
    const asked: number[] = [];
    for (; clock.ms <= 32 * MINUTE_MS; clock.ms += 1000) {
      const before = calls();
      expect(await find()).toBeNull();
      if (calls() > before) asked.push(clock.ms / 1000);
    }
    expect(asked).toEqual([0, 30, 90, 210, 450, 930, 1830]);
  });

  it('is asked for again in a moment when the client was killed, which says nothing of the guest', async () => {
    let isKilled = true;
    const { clock, find } = bookOver(() => (isKilled ? noAnswer('killed') : running('10.0.0.5')));
    expect(await find()).toBeNull();
    isKilled = false;
    clock.ms += 2000;
    expect(await find()).toBe('10.0.0.5');
  });

  it('is asked for alone soon when one of several guests held up Multipass', async () => {
    let isHeldUp = true;
    const { book, clock, find, calls } = bookOver(() => {
      return isHeldUp ? noAnswer('timed_out') : running('10.0.0.5');
    });
    const others = ['golem-web-20260101-120001', 'golem-web-20260101-120002'].map((other) => VmId.parse(other));
    const met = await Promise.all([id, ...others].map((one) => book.meet(one, AbortSignal.timeout(MINUTE_MS))));
    expect([met, calls()]).toEqual([[null, null, null], 1]);

    isHeldUp = false;
    clock.ms += 2000;
    expect(await find()).toBe('10.0.0.5');
    expect(calls()).toBe(2);
  });

  it('is not worth a defect: what is no failure of Multipass is passed on', async () => {
    const { find } = bookOver(() => {
      throw new TypeError('a defect');
    });
    await expect(find()).rejects.toThrow('a defect');
  });
});

import { VmId } from '@golem-provider/contracts';
import { createLogger, systemClock, withDeadline } from '@golem-provider/service-kit';
import { describe, expect, it } from '@jest/globals';
import type { CommandResult, CommandRunner } from '../../exec/command-runner.ts';
import { createInstancePower, type InstancePower } from './instance-power.ts';
import { createMultipassClient } from './multipass-client.ts';
import { multipassCommands } from './multipass-command.ts';
import { createStateReader } from './state-reader.ts';

const id = VmId.parse('golem-web-20260101-120000');
const signal = AbortSignal.timeout(60_000);

/** A Multipass that answers `list` with the current state and everything else as told, by the words of the command. */
function scripted(
  state: string | undefined,
  answers: Record<string, (set: (next: string | undefined) => void) => string>,
) {
  let current = state;
  const calls: string[] = [];
  const run: CommandRunner = ({ args }) => {
    const words = args.join(' ').replaceAll(id, 'ID');
    const result = (stderr: string, stdout = ''): CommandResult => ({
      exitCode: stderr === '' ? 0 : 2,
      stdout,
      stderr,
    });
    if (args[0] === 'list') {
      const list = current === undefined ? [] : [{ name: id, state: current }];
      return Promise.resolve(result('', JSON.stringify({ list })));
    }
    calls.push(words);
    const answer = Object.entries(answers).find(([beginning]) => words.startsWith(beginning))?.[1];
    return Promise.resolve(result(answer?.((next) => (current = next)) ?? ''));
  };
  const client = createMultipassClient(run);
  const commands = multipassCommands('multipass', { queryMs: 1000, actionMs: 1000, graceMs: 30_000 });
  const power: InstancePower = createInstancePower({
    client,
    commands,
    readStates: createStateReader(client, commands.listStates()),
    clock: systemClock,
    logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
    timing: { launchMs: 200, shutdownMs: 50, settleMs: 20, pollMs: 5 },
  });
  return { power, calls };
}
const becomes = (next: string | undefined) => (set: (next: string | undefined) => void) => {
  set(next);
  return '';
};
const says = (words: string) => () => words;

describe('switching off', () => {
  it.each(['Stopped', 'Deleted', undefined])('does nothing to what is off (%s)', async (state) => {
    const { power, calls } = scripted(state, {});
    await power.off(id, true, signal);
    expect(calls).toEqual([]);
  });

  it('asks the guest, and believes its state rather than its words', async () => {
    const { power, calls } = scripted('Running', {
      exec: (set) => {
        set('Stopped');
        return 'Connection to 10.0.0.5 closed by remote host.\ncannot connect to the multipass socket';
      },
    });
    await power.off(id, false, signal);
    expect(calls).toEqual(['exec -n ID -- sudo poweroff']);
  });

  it.each(['Starting', 'Unknown', 'Restarting', 'Suspending'])(
    'never asks the guest of one that is %s',
    async (state) => {
      const { power, calls } = scripted(state, { 'stop --force': becomes('Stopped') });
      await power.off(id, false, signal);
      expect(calls).toEqual(['stop --force ID']);
    },
  );

  it('cuts the power a second time where the first changed nothing', async () => {
    let count = 0;
    const { power, calls } = scripted('Unknown', {
      'stop --force': (set) => {
        count += 1;
        if (count === 2) set('Stopped');
        return '';
      },
    });
    await power.off(id, true, signal);
    expect(calls).toHaveLength(2);
  });

  it('fails where the power cannot be cut', async () => {
    const { power } = scripted('Unknown', {});
    await expect(power.off(id, true, signal)).rejects.toMatchObject({ code: 'HYPERVISOR_FAILED' });
  });

  it('does with versions that cannot cut the power what they can', async () => {
    const { power, calls } = scripted('Unknown', {
      'stop --force': says("Unknown option 'force'.\n"),
      'stop ID': becomes('Stopped'),
    });
    await power.off(id, true, signal);
    expect(calls).toEqual(['stop --force ID', 'stop ID']);
  });
});

describe('switching on', () => {
  it.each(['Stopped', 'Suspended', 'Starting', 'Delayed Shutdown', 'Restarting'])(
    'starts one that is %s',
    async (state) => {
      const { power, calls } = scripted(state, { start: becomes('Running') });
      await power.on(id, 20, signal);
      expect(calls).toEqual(['start ID --timeout 1']);
    },
  );

  it('waits for one whose state is unknown because it boots', async () => {
    const { power, calls } = scripted('Unknown', {});
    const on = power.on(id, 60_000, withDeadline(signal, 100));
    await expect(on).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(calls).toEqual([]);
  });

  it('switches off and on what stays unknown, once', async () => {
    const { power, calls } = scripted('Unknown', { 'stop --force': becomes('Stopped'), start: becomes('Unknown') });
    await expect(power.on(id, 20, signal)).rejects.toMatchObject({ code: 'HYPERVISOR_TIMEOUT', retryable: true });
    expect(calls).toEqual(['stop --force ID', 'start ID --timeout 1']);
  });

  it('does not go on for ever where a start that succeeds changes nothing', async () => {
    const { power } = scripted('Stopped', {});
    await expect(power.on(id, 20, signal)).rejects.toMatchObject({ code: 'HYPERVISOR_FAILED' });
  });

  it('says that there is nothing to switch on', async () => {
    const { power } = scripted(undefined, {});
    await expect(power.on(id, 20, signal)).rejects.toMatchObject({ code: 'HYPERVISOR_FAILED', retryable: false });
  });
});

describe('removing', () => {
  const ABSENT = `delete failed: The following errors occurred:\ninstance "${id}" does not exist\n`;

  it('is done when there is nothing and nothing is being prepared', async () => {
    const { power, calls } = scripted(undefined, {
      delete: says(ABSENT),
      launch: says('launch failed: Custom image `x` does not exist.'),
    });
    await power.remove(id, signal);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['delete', 'launch']);
  });

  it('is not done by a daemon that does not answer', async () => {
    const { power } = scripted(undefined, {
      delete: says(ABSENT),
      launch: says('launch failed: cannot connect to the multipass socket'),
    });
    await expect(power.remove(id, signal)).rejects.toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' });
  });

  it('gives up on one that is being prepared for ever', async () => {
    const { power } = scripted(undefined, {
      delete: says(ABSENT),
      launch: says(`launch failed: instance "${id}" is being prepared`),
    });
    await expect(power.remove(id, signal)).rejects.toMatchObject({ code: 'HYPERVISOR_TIMEOUT' });
  });
});

import { describe, expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import { createCommandRunner } from '../exec/command-runner.ts';
import { guestCall, MAX_GUEST_INPUT_BYTES, MAX_GUEST_OUTPUT_BYTES, shellWords } from './guest-command.ts';
import type { GuestCommandOptions, GuestCommandResult } from './hypervisor.ts';

const ID = VmId.parse('golem-web-20260101-000000');
const run = createCommandRunner(process.env);

/** Runs it as a guest's login shell would. */
async function inShell(
  command: readonly string[],
  options: GuestCommandOptions = {},
): Promise<GuestCommandResult | undefined> {
  const call = guestCall(ID, command, options);
  const { stdout, stderr } = await run(
    { program: 'sh', args: ['-c', shellWords(call.command)], input: call.input, timeoutMs: call.timeoutMs },
    { signal: AbortSignal.timeout(call.timeoutMs) },
  );
  const read = call.read(stdout);
  return read === undefined ? undefined : { ...read, stderr };
}

describe('a command that is sent to a guest', () => {
  it.each([
    ['gives what it wrote, without a line break of its own', ['printf', 'a'], {}, { exitCode: 0, stdout: 'a' }],
    ['gives its exit code', ['sh', '-c', 'echo out; exit 2'], {}, { exitCode: 2, stdout: 'out\n' }],
    ['may write nothing', ['true'], {}, { exitCode: 0, stdout: '' }],
    ['tells that there is no such command', ['no-such-command'], {}, { exitCode: 127 }],
    ['reads its standard input', ['cat'], { input: 'one\ntwo\n' }, { exitCode: 0, stdout: 'one\ntwo\n' }],
    ['has no standard input otherwise', ['cat'], {}, { exitCode: 0, stdout: '' }],
    [
      'gets its arguments as they are',
      ['printf', '[%s]', "it's", '$(id)', '`id`', '', 'a\nb', '"', '\\', '-n', '*', '\u00e9'],
      {},
      { stdout: '[it\'s][$(id)][`id`][][a\nb]["][\\][-n][*][\u00e9]' },
    ],
    ['is ended when its time is over', ['sleep', '600'], { timeoutMs: 1 }, { exitCode: 124 }],
    ['cannot pass for another end', ['printf', '\\nx 0\\n'], {}, { exitCode: 0, stdout: '\nx 0\n' }],
  ] as const)('%s', async (_, command, options, result) => {
    expect(await inShell(command, options)).toMatchObject(result);
  });

  it('keeps the two outputs apart', async () => {
    expect(await inShell(['sh', '-c', 'echo out; echo err >&2'])).toEqual({
      exitCode: 0,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('is cut off where it writes without an end', async () => {
    const result = await inShell(['yes']);

    expect(result?.stdout.length).toBe(MAX_GUEST_OUTPUT_BYTES);
    expect(result?.exitCode).not.toBe(0);
  });

  it('is not read out of an output that ends before it does', () => {
    const call = guestCall(ID, ['true'], {});

    expect(call.read('')).toBeUndefined();
    expect(call.read('out\n')).toBeUndefined();
    expect(call.read(`\n${call.command[4]} 0`)).toBeUndefined();
    expect(call.read(`out\n${call.command[4]} 3\n`)).toEqual({ exitCode: 3, stdout: 'out' });
  });

  it('takes as much input as is safe, and refuses more', async () => {
    const input = 'x'.repeat(MAX_GUEST_INPUT_BYTES);

    expect(await inShell(['wc', '-c'], { input })).toMatchObject({ stdout: expect.stringMatching(/^1048576\s*$/) });
    expect(() => guestCall(ID, ['cat'], { input: `${input}x` })).toThrow(
      expect.objectContaining({ code: 'HYPERVISOR_FAILED', retryable: false }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { isAppError } from '@golem-provider/service-kit';
import { CommandFailure, type CommandResult, type CommandRunner } from './command-runner.ts';
import { cleanWords, runTool } from './run-tool.ts';

const command = { program: 'tool', args: [], timeoutMs: 1000 };
const signal = new AbortController().signal;
const ends = (result: Partial<CommandResult>): CommandRunner => {
  return () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...result });
};
const codeOf = async (run: CommandRunner): Promise<unknown> => {
  try {
    return await runTool(run, command, 'doing it', signal);
  } catch (error) {
    return isAppError(error) ? { code: error.code, publicDetail: error.publicDetail } : error;
  }
};

describe('cleanWords', () => {
  it.each([
    ["Could not open '/root/.golem/x.qcow2': No such file", "Could not open '<path>': No such file"],
    ['at ~/x and ./y and ../z', 'at <path> and <path> and <path>'],
    ['file=/a/b,if=none', 'file=<path>,if=none'],
    ['two\nlines\u001b[31m', 'two lines [31m'],
    ['1/2 and and/or stay', '1/2 and and/or stay'],
  ])('%p', (text, cleaned) => {
    expect(cleanWords(text)).toBe(cleaned);
  });
  it('is bounded', () => {
    expect(cleanWords('x'.repeat(10_000)).length).toBeLessThanOrEqual(301);
  });
});

describe('runTool', () => {
  it('gives the result of a program that succeeded', async () => {
    expect(await runTool(ends({ stdout: 'out' }), command, 'doing it', signal)).toMatchObject({ stdout: 'out' });
  });
  it('says that the disk is full in words that everyone may read', async () => {
    expect(await codeOf(ends({ exitCode: 1, stderr: '/x: No space left on device' }))).toEqual({
      code: 'HYPERVISOR_FAILED',
      publicDetail: 'The disk of the host is full.',
    });
  });
  it.each([
    ['not_started', 'HYPERVISOR_UNAVAILABLE'],
    ['timed_out', 'HYPERVISOR_TIMEOUT'],
    ['killed', 'HYPERVISOR_FAILED'],
  ] as const)('takes %s for %s', async (reason, code) => {
    const run: CommandRunner = () => Promise.reject(new CommandFailure(reason, 'x', undefined));
    expect(await codeOf(run)).toMatchObject({ code });
  });
});

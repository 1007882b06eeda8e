import { describe, expect, it } from '@jest/globals';
import { AppError } from './app-error.ts';
import { createLogger } from './logger.ts';

function capture(): { lines: string[]; write: (line: string) => void } {
  const lines: string[] = [];
  return { lines, write: (line) => lines.push(line) };
}

describe('createLogger', () => {
  it('prints the code and the whole chain of causes of an error', () => {
    const output = capture();
    const cause = new Error('connect ECONNREFUSED');

    createLogger({ name: 'test', level: 'info', pretty: false }, output).error(
      { err: new AppError('PROXY_FAILED', 'reloading nginx', { cause }) },
      'failed',
    );

    expect(JSON.parse(output.lines.join(''))).toMatchObject({
      service: 'test',
      level: 'error',
      msg: 'failed',
      err: { code: 'PROXY_FAILED', chain: 'reloading nginx: connect ECONNREFUSED' },
    });
  });

  it('hides secrets however they are nested', () => {
    const output = capture();

    createLogger({ name: 'test', level: 'info', pretty: false }, output).info({
      private_key: 'S1',
      vm: { private_key: 'S2' },
    });

    expect(output.lines.join('')).not.toMatch(/S1|S2/);
  });
});

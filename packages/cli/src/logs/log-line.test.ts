import { describe, expect, it } from '@jest/globals';
import { parseLogLine, renderLogLine, toJsonLine } from './log-line.ts';

const NOW = '2031-02-03T04:05:06.789Z';
const plain = { isColoured: false, nameWidth: 9 };

const render = (line: string): string => renderLogLine('vm-worker', parseLogLine(line, NOW), plain);

const json = (fields: object): string =>
  JSON.stringify({
    level: 'info',
    time: '2030-01-01T10:11:12.000Z',
    service: 'vm-worker',
    name: 'vm-worker',
    ...fields,
  });

describe('renderLogLine', () => {
  it.each([
    ['the message', json({ msg: 'started' }), '10:11:12 vm-worker INFO  started'],
    [
      'fields',
      json({ msg: 'x', a: 1, b: 'two words', c: ['d'] }),
      '10:11:12 vm-worker INFO  x a=1 b="two words" c=["d"]',
    ],
    [
      'an error by its code and causes, without its stack',
      json({ level: 'error', msg: 'x', err: { code: 'PROXY_FAILED', chain: 'a: b', stack: 'at ...' } }),
      '10:11:12 vm-worker ERROR x (PROXY_FAILED: a: b)',
    ],
    ['a line that is not JSON', 'Error: no', '04:05:06 vm-worker |     Error: no'],
    ['a line in braces that is not JSON', '{no', '04:05:06 vm-worker |     {no'],
    ['JSON that no logger of ours wrote', '{"a":1}', '04:05:06 vm-worker |     {"a":1}'],
  ])('shows %s', (_name, line, rendered) => {
    expect(render(line)).toBe(rendered);
  });

  it('lets no control code through to the terminal', () => {
    expect(render(json({ msg: 'a\u001b[2Jb\nc' }))).toBe('10:11:12 vm-worker INFO  a [2Jb c');
  });

  it('colours only where it is asked to', () => {
    const record = parseLogLine(json({ msg: 'x' }), NOW);

    expect(renderLogLine('monitor', record, { ...plain, isColoured: true })).toContain('\u001b[32mINFO \u001b[0m x');
  });
});

describe('toJsonLine', () => {
  it.each([
    ['passes on what a logger of ours wrote', json({ msg: 'x' }), json({ msg: 'x' })],
    [
      'wraps everything else',
      'oh no',
      '{"level":"info","time":"2031-02-03T04:05:06.789Z","service":"vm-worker","msg":"oh no"}',
    ],
  ])('%s', (_guarantee, line, result) => {
    expect(toJsonLine('vm-worker', line, NOW)).toBe(result);
  });
});

import { describe, expect, it } from '@jest/globals';
import { identifyProcess, isRunning, parseProcessStat, signalProcess } from './process-identity.ts';

const FIELDS = '1 100 100 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 7 0';

describe('parseProcessStat', () => {
  it.each([
    ['a plain name', `100 (node) S ${FIELDS} 5566 1234`, { state: 'S', startTicks: '5566' }],
    ['a name with spaces and brackets', `100 (a) Z (b) R ${FIELDS} 5566 1234`, { state: 'R', startTicks: '5566' }],
    ['no process', '', undefined],
  ])('reads %s', (_name, text, stat) => {
    expect(parseProcessStat(text)).toEqual(stat);
  });
});

describe('the identity of a process', () => {
  it('is the same at every look', () => {
    const identity = identifyProcess(process.pid);

    expect(identity?.pid).toBe(process.pid);
    expect(identifyProcess(process.pid)).toEqual(identity);
  });

  it('tells a process from a later one with its pid, which is never signalled', () => {
    const earlier = { pid: process.pid, started: 'an earlier boot:1' };

    expect(isRunning(earlier)).toBe(false);
    expect(signalProcess(earlier, 'SIGKILL')).toBe(false);
  });
});

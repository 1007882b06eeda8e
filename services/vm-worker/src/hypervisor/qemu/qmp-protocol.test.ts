import { describe, expect, it } from '@jest/globals';
import { parseQmpLine, renderQmpCommand } from './qmp-protocol.ts';

describe('parseQmpLine', () => {
  it.each([
    ['{"QMP": {"version": {}, "capabilities": ["oob"]}}', { kind: 'greeting' }],
    ['{"return": {}}', { kind: 'return', value: {} }],
    ['{"return": ""}', { kind: 'return', value: '' }],
    [
      '{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "SHUTDOWN", "data": {"guest": true}}',
      { kind: 'event', name: 'SHUTDOWN' },
    ],
    [
      '{"error": {"class": "CommandNotFound", "desc": "no such command"}}',
      { kind: 'error', description: 'CommandNotFound: no such command' },
    ],
  ])('reads %s', (line, message) => {
    expect(parseQmpLine(line)).toEqual(message);
  });
  it.each(['', 'rubbish', '[]', '{}', '{"return"', 'null'])('refuses %p', (line) => {
    expect(() => parseQmpLine(line)).toThrow();
  });
});

describe('renderQmpCommand', () => {
  it('is one line of JSON', () => {
    expect(renderQmpCommand('cont')).toBe('{"execute":"cont","arguments":{}}\n');
    expect(renderQmpCommand('x', { text: 'a\nb' }).trim()).not.toContain('\n');
  });
});

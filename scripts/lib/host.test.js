import { describe, expect, it } from '@jest/globals';
import { checkNodeVersion, dotenvValue, findProgram } from './host.js';
import { Failure } from './run.js';

describe('checkNodeVersion', () => {
  it.each(['20.11.0', '20.20.2', '22.0.0'])('lets %s pass', (version) => {
    expect(() => checkNodeVersion(version)).not.toThrow();
  });

  it.each(['20.10.0', '18.20.4'])('refuses %s', (version) => {
    expect(() => checkNodeVersion(version)).toThrow(Failure);
  });
});

describe('dotenvValue', () => {
  it.each([
    ['A=b', 'b'],
    [' export A = "b c" # why', 'b c'],
    ['A=b # why', 'b'],
    ['A=b\nA=c', 'c'],
    ['AB=c\n#A=d', undefined],
    ['A=', undefined],
  ])('reads %j', (text, value) => {
    expect(dotenvValue(text, 'A')).toBe(value);
  });
});

describe('findProgram', () => {
  it('looks in PATH and where the system keeps its own', () => {
    expect(findProgram('node', '/nowhere:' + process.execPath.replace(/\/node$/, ''))).toBe(process.execPath);
    expect(findProgram('no-such-program')).toBeUndefined();
  });
});

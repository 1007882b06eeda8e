import { describe, expect, it } from '@jest/globals';
import { intentOf } from './vm-intent.ts';

describe('intentOf', () => {
  it.each([
    ['start', 'running', 'running', 'settled'],
    ['start', 'stopped', 'stopped', 'starting'],
    ['start', 'stopped', 'stopping', 'starting'],
    ['start', 'running', 'error', 'starting'],
    ['start', 'running', 'unknown', 'starting'],
    ['start', 'running', 'creating', 'conflict'],
    ['start', 'deleted', 'deleting', 'conflict'],
    ['start', 'discarded', 'error', 'conflict'],
    ['stop', 'stopped', 'stopped', 'settled'],
    ['stop', 'running', 'running', 'stopping'],
    ['stop', 'running', 'starting', 'stopping'],
    ['stop', 'stopped', 'error', 'stopping'],
    ['stop', 'running', 'creating', 'conflict'],
    ['stop', 'deleted', 'error', 'conflict'],
    ['restart', 'running', 'running', 'restarting'],
    ['restart', 'running', 'error', 'restarting'],
    ['restart', 'stopped', 'stopped', 'conflict'],
    ['restart', 'running', 'creating', 'conflict'],
    ['retry', 'running', 'error', 'starting'],
    ['retry', 'stopped', 'unknown', 'stopping'],
    ['retry', 'running', 'running', 'settled'],
    ['retry', 'running', 'creating', 'conflict'],
    ['retry', 'discarded', 'error', 'conflict'],
    ['adopt', 'running', 'error', 'error'],
    ['adopt', 'deleted', 'deleting', 'conflict'],
    ['recreate', 'stopped', 'error', 'creating'],
    ['recreate', 'running', 'running', 'conflict'],
    ['recreate', 'running', 'unknown', 'conflict'],
    ['delete', 'running', 'creating', 'deleting'],
    ['delete', 'discarded', 'error', 'deleting'],
    ['delete', 'deleted', 'error', 'deleting'],
  ] as const)('%s of a VM that should be %s and is %s: %s', (kind, desired, status, outcome) => {
    const intent = intentOf(kind, { desired, status });

    expect(intent.verdict === 'accept' ? intent.status : intent.verdict).toBe(outcome);
  });
});

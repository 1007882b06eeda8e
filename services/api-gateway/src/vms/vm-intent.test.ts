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
    const intent = intentOf(kind, { desired, status, resize: null, error: null });

    expect(intent.verdict === 'accept' ? intent.status : intent.verdict).toBe(outcome);
  });

  it('lets nothing but a delete change a VM that is being resized', () => {
    const resize = { target: { cpu_cores: 2, memory_gb: 2, storage_gb: 20 }, state: 'abandoned' } as const;
    const verdicts = (['start', 'stop', 'restart', 'retry', 'adopt', 'recreate', 'delete'] as const).map(
      (kind) => intentOf(kind, { desired: 'stopped', status: 'error', resize, error: null }).verdict,
    );

    expect(verdicts).toEqual([...Array(6).fill('conflict'), 'accept']);
  });

  it('lets a VM be made anew whose machine was lost in the midst of a resize, and nothing else but a delete', () => {
    const resize = { target: { cpu_cores: 2, memory_gb: 2, storage_gb: 20 }, state: 'wanted' } as const;
    const error = { code: 'VM_LOST', message: 'It is gone.' } as const;
    const verdicts = (['start', 'stop', 'restart', 'retry', 'adopt', 'recreate', 'delete'] as const).map(
      (kind) => intentOf(kind, { desired: 'stopped', status: 'error', resize, error }).verdict,
    );

    expect(verdicts).toEqual([...Array(5).fill('conflict'), 'accept', 'accept']);
  });

  it.each(['start', 'stop', 'restart', 'retry'] as const)('refuses to %s a VM whose machine is lost', (kind) => {
    const error = { code: 'VM_LOST', message: 'It is gone.' } as const;
    for (const desired of ['running', 'stopped'] as const) {
      const intent = intentOf(kind, { desired, status: 'error', resize: null, error });
      if (kind === 'restart' && desired === 'stopped') expect(intent.verdict).toBe('conflict');
      else expect(intent).toEqual({ verdict: 'conflict', code: 'VM_LOST', detail: 'It is gone.' });
    }
  });

  it.each(['delete', 'adopt', 'recreate'] as const)('accepts a %s of a VM whose machine is lost', (kind) => {
    const error = { code: 'VM_LOST', message: 'It is gone.' } as const;
    const intent = intentOf(kind, { desired: 'running', status: 'error', resize: null, error });
    expect(intent).toMatchObject({ verdict: 'accept' });
  });
});

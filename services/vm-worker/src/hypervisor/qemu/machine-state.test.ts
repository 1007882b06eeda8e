import { describe, expect, it } from '@jest/globals';
import { type MachineEvidence, observation } from './machine-state.ts';

const stopped: MachineEvidence = {
  files: 'whole',
  isBeingMade: false,
  hasProcess: false,
  runState: null,
  sshPort: null,
};
const running: MachineEvidence = { ...stopped, hasProcess: true, runState: 'running', sshPort: 40_001 };

describe('observation', () => {
  it.each<[string, Partial<MachineEvidence>, string]>([
    ['whole files and no process', {}, 'stopped'],
    ['no files', { files: 'missing' }, 'absent'],
    ['no files yet', { files: 'missing', isBeingMade: true }, 'preparing'],
    ['damaged files', { files: 'damaged' }, 'unknown'],
  ])('without a process: %s', (_, change, power) => {
    expect(observation({ ...stopped, ...change })).toMatchObject({ power, ipAddress: null, sshTarget: null });
  });

  it.each([
    ['running', 'running'],
    ['prelaunch', 'starting'],
    ['paused', 'suspended'],
    ['suspended', 'suspended'],
    ['io-error', 'suspended'],
    ['shutdown', 'stopping'],
    ['internal-error', 'unknown'],
    ['guest-panicked', 'unknown'],
    ['never heard of', 'unknown'],
  ])('QEMU says %s', (runState, power) => {
    expect(observation({ ...running, runState }).power).toBe(power);
  });

  it.each([
    ['starting', 'starting'],
    ['unresponsive', 'unknown'],
  ] as const)('QEMU is %s', (silence, power) => {
    expect(observation({ ...running, runState: null, silence }).power).toBe(power);
  });

  it('leads to the loopback port of a machine that has a process', () => {
    expect(observation(running)).toEqual({
      power: 'running',
      ipAddress: '127.0.0.1',
      sshTarget: { host: '127.0.0.1', port: 40_001 },
    });
  });

  it('never takes a process without files for a machine that is gone', () => {
    expect(observation({ ...running, files: 'missing' }).power).toBe('unknown');
  });
});

import { describe, expect, it } from '@jest/globals';
import { SshPublicKey } from '@golem-provider/contracts';
import { vmRecord } from '@golem-provider/testing';
import type { Observed } from './plan.ts';
import { triage } from './triage.ts';

const CAN = { separateStart: true, maxParallelStarts: 2, managementKey: false, movesTargets: true };
const KEY = SshPublicKey.parse('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl');
const vm = vmRecord();
const target = { host: '127.0.0.1', port: 40_000 };
const forward = { vmId: vm.id, port: 50_800, target };
const running: Observed = { power: 'running', ipAddress: null, sshTarget: target, forward };
const stopped: Observed = { power: 'stopped', ipAddress: null, sshTarget: target, forward: undefined };
const absent: Observed = { power: 'absent', ipAddress: null, sshTarget: null, forward: undefined };
const trashed: Observed = { ...stopped, isTrashed: true };
const error = { code: 'VM_INTERRUPTED', message: 'It was off.' } as const;

describe('triage', () => {
  it.each([
    ['leaves a VM that runs as wished', vmRecord({ status: 'running' }), running, 'leave'],
    ['starts a VM that should run', vmRecord({ status: 'running' }), stopped, 'reconcile'],
    ['makes sure of a VM that was unknown', vmRecord({ status: 'unknown' }), running, 'reconcile'],
    [
      'notes that an unknown VM is off as wished',
      vmRecord({ desired: 'stopped', status: 'unknown' }),
      stopped,
      'settle',
    ],
    ['stops a VM that should be off', vmRecord({ desired: 'stopped', status: 'stopped' }), running, 'reconcile'],
    [
      'goes on with keys that the guest did not get yet',
      vmRecord({ status: 'running', ssh_keys: [{ name: 'a', key: KEY, state: 'adding' }] }),
      running,
      'reconcile',
    ],
    [
      'goes on with a resize',
      vmRecord({ desired: 'stopped', status: 'stopped', resize: { target: vm.spec, state: 'abandoned' } }),
      stopped,
      'reconcile',
    ],
    ['does not make a missing machine anew', vmRecord({ status: 'running' }), absent, 'missing'],
    ['goes on with a deletion', vmRecord({ desired: 'deleted', status: 'error' }), absent, 'reconcile'],
    ['goes on with discarding', vmRecord({ desired: 'discarded', status: 'error' }), running, 'reconcile'],
    [
      'has only the record left of a failed creation',
      vmRecord({ desired: 'discarded', status: 'error', proxy_port: null }),
      absent,
      'discarded',
    ],
    ['leaves in the wastebasket what somebody put there', vmRecord({ status: 'running' }), trashed, 'trashed'],
    [
      'settles what runs again and still tells of its failure',
      vmRecord({ status: 'running', error }),
      running,
      'settle',
    ],
  ] as const)('%s', (_, record, seen, verdict) => {
    expect(triage(record, seen, CAN, false)).toBe(verdict);
  });

  it.each([
    ['lets go of the cores of one that was stopped before they were to be given back', false, stopped, 'settle'],
    ['leaves one that has given them back', true, stopped, 'leave'],
    ['stops one that has given them back and runs all the same', true, running, 'reconcile'],
  ] as const)('%s', (_, released, seen, verdict) => {
    const record = vmRecord({ desired: 'stopped', status: 'stopped', released });
    expect(triage(record, seen, CAN, true)).toBe(verdict);
  });
});

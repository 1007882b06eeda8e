import { describe, expect, it } from '@jest/globals';
import { type Ended, judge, type Seen, type SeenVm } from './judge.ts';

const KEY = 'ssh-ed25519 AAAA';
const VM: SeenVm = {
  id: 'golem-a',
  name: 'a',
  status: 'running',
  port: 1,
  spec: '1/1/10',
  login: ['ssh-ed25519 BBBB'],
};
const OTHER: SeenVm = { ...VM, id: 'golem-b', name: 'b', port: 2 };
const STOPPED: SeenVm = { ...VM, status: 'stopped', login: undefined };
const OFF = new Map([
  [VM.id, 'Stopped'],
  [OTHER.id, 'Running'],
]);

function seen(changes: Partial<Seen> = {}): Seen {
  const machines = new Map([
    [VM.id, 'Running'],
    [OTHER.id, 'Running'],
  ]);
  const guests = [VM.id, OTHER.id];
  return { vms: [VM, OTHER], notReady: undefined, hasProxyMaster: true, audit: [], machines, guests, ...changes };
}

function ended(changes: Partial<Ended> = {}): Ended {
  const end = { operation: 'restart', name: 'a', status: 'completed', detail: '', mayFail: false } as const;
  return { ...end, keyLine: KEY, spec: '1/1/10', ...changes };
}

const BYSTANDERS = new Map([[OTHER.id, 2]]);
const verdicts = (world: Seen, end: Ended): string[] => judge(world, end, BYSTANDERS).map(({ verdict }) => verdict);
const GONE = seen({ vms: [OTHER], machines: new Map([[OTHER.id, 'Running']]), guests: [OTHER.id] });

describe('judge', () => {
  it.each<[string, Seen, Ended]>([
    ['a VM that runs', seen(), ended()],
    ['a VM that was stopped', seen({ vms: [STOPPED, OTHER], machines: OFF }), ended({ operation: 'stop' })],
    ['a VM that was deleted', GONE, ended({ operation: 'delete' })],
    [
      'a creation that may fail and left nothing',
      GONE,
      ended({ operation: 'create', status: 'failed', mayFail: true }),
    ],
    [
      'the record of a creation that may fail',
      { ...GONE, vms: [{ ...VM, status: 'error', login: undefined }, OTHER] },
      ended({ operation: 'create', status: 'failed', mayFail: true }),
    ],
    ['a key that is there once', seen({ vms: [{ ...VM, login: [KEY] }, OTHER] }), ended({ operation: 'ssh-key' })],
  ])('finds nothing about %s', (_, world, end) => {
    expect(judge(world, end, BYSTANDERS)).toEqual([]);
  });

  it.each<[string, Seen, Ended, string[]]>([
    ['an operation without an end', seen(), ended({ status: 'none' }), ['stuck']],
    ['a failure without a reason', seen(), ended({ status: 'failed' }), ['lost']],
    ['a provider that is not ready', seen({ notReady: 'no' }), ended(), ['stuck']],
    ['an nginx that takes no change', seen({ hasProxyMaster: false }), ended(), ['stuck']],
    ['an API that is silent', seen({ vms: undefined }), ended(), ['stuck']],
    ['a host that cannot be audited', seen({ audit: undefined }), ended(), ['stuck']],
    ['a VM that is gone', GONE, ended(), ['lost']],
    [
      'a VM in error',
      seen({ vms: [{ ...VM, status: 'error', login: undefined }, OTHER] }),
      ended(),
      ['lost', 'leaked'],
    ],
    ['a VM in between', seen({ vms: [{ ...VM, status: 'starting' }, OTHER] }), ended(), ['stuck']],
    ['a VM that lets nobody in', seen({ vms: [{ ...VM, login: new Error('no') }, OTHER] }), ended(), ['lost']],
    ['a VM that was not deleted', seen(), ended({ operation: 'delete' }), ['leaked']],
    ['two VMs of one name', seen({ vms: [VM, { ...OTHER, name: 'a' }] }), ended(), ['doubled']],
    ['two VMs on one port', seen({ vms: [{ ...VM, port: 2 }, OTHER] }), ended(), ['doubled']],
    ['a key that is there twice', seen({ vms: [{ ...VM, login: [KEY, KEY] }, OTHER] }), ended(), ['doubled']],
    ['a key that is missing', seen(), ended({ operation: 'ssh-key' }), ['lost']],
    [
      'another size than was asked for',
      seen({ vms: [STOPPED, OTHER], machines: OFF }),
      ended({ operation: 'resize', spec: '2/2/10' }),
      ['lost'],
    ],
    [
      'a machine of nobody',
      seen({ machines: new Map([...seen().machines, ['golem-x', 'Running']]) }),
      ended(),
      ['leaked'],
    ],
    ['processes of nobody', seen({ guests: ['golem-x'] }), ended(), ['leaked']],
    ['a stray of the audit', seen({ audit: [{ kind: 'forward_stray', detail: '' }] }), ended(), ['leaked']],
    ['a loss of the audit', seen({ audit: [{ kind: 'keys_missing', detail: '' }] }), ended(), ['lost']],
    ['what nobody will end', seen({ audit: [{ kind: 'status_unsettled', detail: '' }] }), ended(), ['stuck']],
    [
      'a bystander that is gone',
      { ...seen(), vms: [VM], machines: new Map([[VM.id, 'Running']]), guests: [] },
      ended(),
      ['lost'],
    ],
    ['a bystander with another port', seen({ vms: [VM, { ...OTHER, port: 3 }] }), ended(), ['lost']],
  ])('finds %s', (_, world, end, expected) => {
    expect(verdicts(world, end)).toEqual(expected);
  });
});

import { describe, expect, it } from '@jest/globals';
import { HostId, newOperation, OperationId, SealedSecret, VmId, type VmRecord } from '@golem-provider/contracts';
import { vmRecord } from '@golem-provider/testing';
import { audit, lasting } from './audit.ts';
import type { World } from './world.ts';

const ID = VmId.parse('golem-web-20260101-000000');
const OTHER = VmId.parse('golem-abc-20260101-000000');
const TARGET = { host: '10.0.0.2', port: 22 };
const OPERATION = newOperation(
  {
    id: OperationId.parse('op-00000000-0000-0000-0000-000000000000'),
    host_id: HostId.parse('local'),
    vm_id: ID,
    kind: 'stop',
    generation: 1,
    request_id: null,
  },
  '2026-01-01T00:00:00.000Z',
);

type Change = Omit<Partial<World>, 'inventory'> & { readonly inventory?: Partial<World['inventory']> };

/** One VM that runs as it should, but for what is changed. */
function world(change: Change = {}, vmChange: Partial<VmRecord> = {}): World {
  const vm = vmRecord({ status: 'running', ssh_target: TARGET, ...vmChange });
  const { inventory, ...rest } = change;
  return {
    inventory: {
      vms: [vm],
      listedVms: new Set([ID]),
      operations: [],
      listedOperations: new Set(),
      reservations: new Map([[ID, { cpu_cores: 1, memory_gb: 1, storage_gb: 10, port: 50_800 }]]),
      ports: new Map([[50_800, ID]]),
      busyPorts: new Set(),
      unreadable: [],
      ...inventory,
    },
    jobs: new Map(),
    machines: new Map([[ID, { power: 'running', ipAddress: TARGET.host, sshTarget: TARGET }]]),
    forwards: new Map([[ID, { vmId: ID, port: 50_800, target: TARGET }]]),
    otherForwardFiles: [],
    listening: new Set([50_800]),
    directories: new Map([[ID, ['manifest.json']]]),
    instances: [],
    otherEntries: [],
    manifests: new Map([[ID, { kind: 'good', manifest: { vm, operations: [] } }]]),
    ...rest,
  };
}

function machine(power: 'running' | 'stopped'): World['machines'] {
  return new Map([[ID, { power, ipAddress: null, sshTarget: null }]]);
}

const NOTHING_OPEN = { forwards: new Map<VmId, never>(), listening: new Set<number>() };
const LISTED = { operations: [OPERATION], listedOperations: new Set([OPERATION.id]) };

describe('audit', () => {
  it('finds nothing where all is as it should be', () => {
    expect(audit(world())).toEqual([]);
    expect(
      audit(world({ machines: machine('stopped'), ...NOTHING_OPEN }, { status: 'stopped', desired: 'stopped' })),
    ).toEqual([]);
  });

  it.each<[string, Change, Partial<VmRecord>, string[]]>([
    ['a hypervisor that is silent', { machines: undefined }, {}, ['hypervisor_unavailable']],
    ['a machine that is gone', { machines: new Map() }, {}, ['machine_missing']],
    ['a machine that is off', { machines: machine('stopped') }, {}, ['power_differs']],
    [
      'a machine that runs on',
      { machines: machine('running'), ...NOTHING_OPEN },
      { status: 'stopped', desired: 'stopped' },
      ['power_differs'],
    ],
    [
      'a machine without a record',
      {
        machines: new Map([
          ...(world().machines ?? []),
          [OTHER, { power: 'running', ipAddress: null, sshTarget: null }],
        ]),
      },
      {},
      ['machine_stray'],
    ],
    ['a port that is not open', { forwards: new Map(), listening: new Set() }, {}, ['forward_missing']],
    ['a forward that the proxy does not serve', { listening: new Set() }, {}, ['port_not_listening']],
    ['a forward to another address', {}, { ssh_target: { host: '10.0.0.3', port: 22 } }, ['forward_differs']],
    [
      'an open port of a VM that is off',
      { machines: machine('stopped') },
      { status: 'stopped', desired: 'stopped' },
      ['forward_stray'],
    ],
    ['somebody else on a port', { listening: new Set([50_800, 50_801]) }, {}, ['port_listening']],
    [
      'nothing about a port that is known as busy',
      { listening: new Set([50_800, 50_801]), inventory: { busyPorts: new Set([50_801]) } },
      {},
      [],
    ],
    [
      'a manifest that is missing',
      { manifests: new Map([[ID, { kind: 'none', wasQuarantined: false }]]) },
      {},
      ['manifest_missing'],
    ],
    [
      'a manifest that is old',
      { manifests: new Map([[ID, { kind: 'good', manifest: { vm: vmRecord({ revision: 7 }), operations: [] } }]]) },
      {},
      ['manifest_differs'],
    ],
    [
      'a manifest that cannot be trusted',
      { manifests: new Map([[ID, { kind: 'bad', problem: 'it is no JSON' }]]) },
      {},
      ['manifest_bad'],
    ],
    [
      'keys that are gone',
      {},
      { keys: { ...vmRecord().keys, sealed_host_private_key: SealedSecret.parse('v1.AA==.AA==.AA==') } },
      ['keys_missing'],
    ],
    ['a draft', { directories: new Map([[ID, ['manifest.json', 'ssh_key.draft']]]) }, {}, ['file_left_over']],
    [
      'a reservation that is missing',
      { inventory: { reservations: new Map(), ports: new Map() } },
      {},
      ['reservation_missing'],
    ],
    [
      'a reservation of another size',
      { inventory: { reservations: new Map([[ID, { cpu_cores: 2, memory_gb: 1, storage_gb: 10, port: 50_800 }]]) } },
      {},
      ['reservation_differs'],
    ],
    ['a port that nobody holds', { inventory: { ports: new Map() } }, {}, ['port_missing']],
    [
      'a port that is held for nobody',
      {
        inventory: {
          ports: new Map([
            [50_800, ID],
            [50_801, OTHER],
          ]),
        },
      },
      {},
      ['port_stray'],
    ],
    ['a record that is not listed', { inventory: { listedVms: new Set() } }, {}, ['record_unlisted']],
    ['a list that names nothing', { inventory: { listedVms: new Set([ID, OTHER]) } }, {}, ['record_missing']],
    ['a state that nobody will end', {}, { status: 'restarting' }, ['status_unsettled']],
    ['a VM that needs a person', NOTHING_OPEN, { status: 'error' }, ['vm_in_error']],
    ['an operation without a job', { inventory: LISTED }, {}, ['operation_without_job']],
    [
      'nothing of a VM that is being changed',
      { inventory: LISTED, jobs: new Map([[OPERATION.id, 'active']]), machines: new Map() },
      {},
      [],
    ],
    ['a job without an operation', { jobs: new Map([[OPERATION.id, 'waiting']]) }, {}, ['job_without_operation']],
  ])('finds %s', (_, change, vmChange, kinds) => {
    expect(audit(world(change, vmChange)).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('finds all that is left of a VM without a record', () => {
    const findings = audit(
      world({
        inventory: { vms: [], listedVms: new Set() },
        instances: [ID],
      }),
    );

    expect(new Set(findings.map(({ kind }) => kind))).toEqual(
      new Set(['reservation_stray', 'machine_stray', 'forward_stray', 'manifest_stray', 'directory_stray']),
    );
  });
});

describe('lasting', () => {
  it('leaves out what was there once only', () => {
    const [stays, goes] = [
      { kind: 'machine_missing', vm_id: ID, detail: '' },
      { kind: 'machine_missing', vm_id: OTHER, detail: '' },
    ] as const;

    expect(lasting([stays, goes], [stays])).toEqual([stays]);
    expect(lasting([], [stays])).toEqual([]);
  });
});

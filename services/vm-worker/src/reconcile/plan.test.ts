import { describe, expect, it } from '@jest/globals';
import { SealedSecret, type SshKey, SshPublicKey, VmId } from '@golem-provider/contracts';
import { plan, type Observed, type Wish } from './plan.ts';

const ID = VmId.parse('golem-web-20260101-000000');
const TARGET = { host: '127.0.0.1', port: 40_000 };
const CAN = { separateStart: true, maxParallelStarts: 2, managementKey: false, movesTargets: true };
const CREATE_STARTS = { ...CAN, separateStart: false };
const NEEDS_KEY = { ...CAN, managementKey: true };
const FORWARD = { vmId: ID, port: 50_800, target: TARGET };

const KEYS: Wish['keys'] = {
  origin: 'provider',
  public_key: SshPublicKey.parse('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'),
  sealed_private_key: SealedSecret.parse('v1.AA==.AA==.AA=='),
  host_public_key: null,
  sealed_host_private_key: SealedSecret.parse('v1.AA==.AA==.AA=='),
  management_public_key: null,
  sealed_management_private_key: null,
};
const NO_KEYS: Wish['keys'] = { ...KEYS, public_key: null, sealed_private_key: null, sealed_host_private_key: null };

const key = (state: SshKey['state']): SshKey => ({
  name: state,
  key: SshPublicKey.parse('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcYFo4Z4cOGQd2kUfdxGW/a+zQFZtk9Fm4M1T+0C9rE'),
  state,
});
const resize = (state: 'wanted' | 'abandoned'): Wish['resize'] => ({
  target: { cpu_cores: 2, memory_gb: 2, storage_gb: 20 },
  state,
});

function wish(desired: Wish['desired'], more: Partial<Wish> = {}): Wish {
  return { desired, status: 'creating', proxy_port: 50_800, keys: KEYS, ssh_keys: [], resize: null, ...more };
}

function seen(power: Observed['power'], forward?: Observed['forward']): Observed {
  return { power, ipAddress: null, sshTarget: power === 'absent' ? null : TARGET, forward };
}

describe('plan', () => {
  it.each([
    [
      'makes everything from nothing',
      wish('running', { keys: NO_KEYS }),
      seen('absent'),
      CAN,
      ['make_keys', 'create_instance', 'start_instance', 'forward_port', 'await_ssh'],
    ],
    [
      'keeps keys that were made',
      wish('running'),
      seen('absent'),
      CAN,
      ['create_instance', 'start_instance', 'forward_port', 'await_ssh'],
    ],
    [
      'does not start what creation starts',
      wish('running'),
      seen('absent'),
      CREATE_STARTS,
      ['create_instance', 'forward_port', 'await_ssh'],
    ],
    ['starts what is off', wish('running'), seen('stopped'), CAN, ['start_instance', 'forward_port', 'await_ssh']],
    [
      'resumes what is suspended',
      wish('running'),
      seen('suspended'),
      CAN,
      ['start_instance', 'forward_port', 'await_ssh'],
    ],
    [
      'starts again what goes down',
      wish('running'),
      seen('stopping'),
      CAN,
      ['start_instance', 'forward_port', 'await_ssh'],
    ],
    ['waits for what boots', wish('running'), seen('starting'), CAN, ['forward_port', 'await_ssh']],
    ['waits for what is being prepared', wish('running'), seen('preparing'), CAN, ['forward_port', 'await_ssh']],
    [
      'starts what cannot be told',
      wish('running'),
      seen('unknown'),
      CAN,
      ['start_instance', 'forward_port', 'await_ssh'],
    ],
    ['opens the port of what runs', wish('running'), seen('running'), CAN, ['forward_port', 'await_ssh']],
    ['waits for ssh when only that is open', wish('running'), seen('running', FORWARD), CAN, ['await_ssh']],
    ['leaves what is reachable', wish('running', { status: 'running' }), seen('running', FORWARD), CAN, []],
    [
      'follows another address',
      wish('running', { status: 'running' }),
      seen('running', { ...FORWARD, target: { host: '10.0.0.9', port: 22 } }),
      CAN,
      ['forward_port', 'await_ssh'],
    ],
    [
      'follows another port',
      wish('running', { status: 'running', proxy_port: 50_801 }),
      seen('running', FORWARD),
      CAN,
      ['forward_port', 'await_ssh'],
    ],
    [
      'switches off and on what is to be restarted',
      wish('running', { status: 'restarting', powerCycle: true }),
      seen('running', FORWARD),
      CAN,
      ['stop_instance', 'start_instance', 'forward_port', 'await_ssh'],
    ],
    [
      'only starts what is to be restarted and is off already',
      wish('running', { powerCycle: true }),
      seen('stopped', FORWARD),
      CAN,
      ['start_instance', 'forward_port', 'await_ssh'],
    ],
    ...(['starting', 'unknown'] as const).map(
      (power) =>
        [
          `switches off and on what is to be restarted and is ${power}`,
          wish('running', { status: 'restarting', powerCycle: true }),
          seen(power),
          CAN,
          ['stop_instance', 'start_instance', 'forward_port', 'await_ssh'],
        ] as const,
    ),
    [
      'replaces the machine that is to be made anew, keys and port being kept',
      wish('running', { recreate: true }),
      seen('running', FORWARD),
      CAN,
      ['close_port', 'delete_instance', 'create_instance', 'start_instance', 'forward_port', 'await_ssh'],
    ],
    [
      'stops what runs and closes its port',
      wish('stopped'),
      seen('running', FORWARD),
      CAN,
      ['close_port', 'stop_instance'],
    ],
    ['stops what cannot be told', wish('stopped'), seen('unknown'), CAN, ['stop_instance']],
    ['leaves what is off', wish('stopped'), seen('stopped'), CAN, []],
    ['closes the port of what is off', wish('stopped'), seen('stopped', FORWARD), CAN, ['close_port']],
    ['leaves what is suspended when it is to be off', wish('stopped'), seen('suspended'), CAN, []],
    [
      'makes the key by which a driver gets in where it needs one',
      wish('running'),
      seen('absent'),
      NEEDS_KEY,
      ['make_keys', 'create_instance', 'start_instance', 'forward_port', 'await_ssh'],
    ],
    [
      'brings a key into a guest that runs',
      wish('running', { status: 'running', ssh_keys: [key('active'), key('adding')] }),
      seen('running', FORWARD),
      CAN,
      ['apply_keys'],
    ],
    [
      'takes a key out of a guest that runs, behind what else is to be mended',
      wish('running', { status: 'running', ssh_keys: [key('removing')] }),
      seen('running'),
      CAN,
      ['forward_port', 'await_ssh', 'apply_keys'],
    ],
    [
      'leaves keys that are as they should be',
      wish('running', { status: 'running', ssh_keys: [key('active')] }),
      seen('running', FORWARD),
      CAN,
      [],
    ],
    [
      'lets no key keep a VM from starting',
      wish('running', { status: 'starting', ssh_keys: [key('adding')] }),
      seen('stopped'),
      CAN,
      ['start_instance', 'forward_port', 'await_ssh'],
    ],
    [
      'changes keys where that was asked for, whatever was seen last',
      wish('running', { status: 'unknown', ssh_keys: [key('adding')], updateKeys: true }),
      seen('running', FORWARD),
      CAN,
      ['await_ssh', 'apply_keys'],
    ],
    [
      'waits with keys until the VM runs',
      wish('stopped', { status: 'stopped', ssh_keys: [key('adding')] }),
      seen('stopped'),
      CAN,
      [],
    ],
    ['resizes what is off', wish('stopped', { resize: resize('wanted') }), seen('stopped'), CAN, ['resize_instance']],
    [
      'stops what is to be resized',
      wish('stopped', { resize: resize('wanted') }),
      seen('running', FORWARD),
      CAN,
      ['close_port', 'stop_instance', 'resize_instance'],
    ],
    [
      'takes its state from what is suspended and to be resized',
      wish('stopped', { resize: resize('wanted') }),
      seen('suspended'),
      CAN,
      ['stop_instance', 'resize_instance'],
    ],
    [
      'takes over what a resize that failed has left',
      wish('stopped', { resize: resize('abandoned') }),
      seen('stopped'),
      CAN,
      ['adopt_spec'],
    ],
    [
      'resizes nothing that is to go',
      wish('deleted', { resize: resize('wanted'), ssh_keys: [key('removing')] }),
      seen('stopped'),
      CAN,
      ['close_port', 'delete_instance', 'remove_files', 'forget'],
    ],
    [
      'deletes everything',
      wish('deleted'),
      seen('running', FORWARD),
      CAN,
      ['close_port', 'delete_instance', 'remove_files', 'forget'],
    ],
    [
      'deletes also what was not seen',
      wish('deleted'),
      seen('absent'),
      CAN,
      ['close_port', 'delete_instance', 'remove_files', 'forget'],
    ],
    [
      'discards everything but the record',
      wish('discarded'),
      seen('running'),
      CAN,
      ['close_port', 'delete_instance', 'remove_files', 'release'],
    ],
  ] as const)('%s', (_, desired, observed, can, steps) => {
    expect(plan(desired, observed, can)).toEqual(steps);
  });
});

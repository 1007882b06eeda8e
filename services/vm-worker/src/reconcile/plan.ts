import type { SshTarget, VmRecord } from '@golem-provider/contracts';
import type { PortForward } from '../forwarding/port-forwarder.ts';
import type { Capabilities, Observation } from '../hypervisor/hypervisor.ts';

/** The steps of every plan. Each is idempotent: run twice, it changes nothing the second time. */
export type StepName =
  | 'make_keys'
  | 'create_instance'
  | 'start_instance'
  | 'forward_port'
  | 'await_ssh'
  | 'apply_keys'
  | 'stop_instance'
  | 'resize_instance'
  | 'adopt_spec'
  | 'close_port'
  | 'delete_instance'
  | 'remove_files'
  | 'release'
  | 'forget';

/** What the host looks like for one VM. */
export interface Observed extends Observation {
  /** The forward that the proxy is configured with. */
  readonly forward: PortForward | undefined;
}

/** The wish, as far as a plan depends on it. */
export interface Wish extends Pick<VmRecord, 'desired' | 'status' | 'proxy_port' | 'keys' | 'ssh_keys' | 'resize'> {
  /** That a machine which runs, boots or is stuck is to go down first. */
  readonly powerCycle?: boolean;
  /** That the guest is to have the keys when all is done, whatever the status says. */
  readonly updateKeys?: boolean;
  /** That what is there of the machine is to be replaced by a new one. */
  readonly recreate?: boolean;
}

function leadsTo(forward: PortForward | undefined, port: number | null, target: SshTarget | null): boolean {
  return forward?.port === port && forward.target.host === target?.host && forward.target.port === target.port;
}

function hasKeyPairs(
  { public_key, sealed_host_private_key, sealed_management_private_key }: Wish['keys'],
  can: Capabilities,
) {
  const hasManagementKey = !can.managementKey || sealed_management_private_key !== null;
  return public_key !== null && sealed_host_private_key !== null && hasManagementKey;
}

/**
 * Keys are brought into a guest that ran before: a guest that does not take them must not keep its VM from starting, and one
 * that is made anew has them from the beginning.
 */
function planKeys({ status, ssh_keys, updateKeys }: Wish): readonly StepName[] {
  const isSettled = ssh_keys.every(({ state }) => state === 'active');
  return !isSettled && (status === 'running' || updateKeys === true) ? ['apply_keys'] : [];
}

const POWER_CYCLE: readonly StepName[] = ['stop_instance', 'start_instance', 'forward_port', 'await_ssh'];

function planPower(wish: Wish, seen: Observed, can: Capabilities): readonly StepName[] {
  switch (seen.power) {
    case 'absent': {
      const power: readonly StepName[] = can.separateStart
        ? ['create_instance', 'start_instance']
        : ['create_instance'];
      const pairs: readonly StepName[] = hasKeyPairs(wish.keys, can) ? [] : ['make_keys'];
      return [...pairs, ...power, 'forward_port', 'await_ssh'];
    }
    case 'stopped':
    case 'stopping':
    case 'suspended':
      return ['start_instance', 'forward_port', 'await_ssh'];
    case 'unknown':
      if (wish.powerCycle === true) return POWER_CYCLE;
      // What cannot be told may be booting or stuck: a driver's start waits for the one and cures the other.
      return ['start_instance', 'forward_port', 'await_ssh'];
    case 'starting':
      if (wish.powerCycle === true) return POWER_CYCLE;
      return ['forward_port', 'await_ssh'];
    case 'preparing':
      return ['forward_port', 'await_ssh'];
    case 'running':
      if (wish.powerCycle === true) return POWER_CYCLE;
      if (!leadsTo(seen.forward, wish.proxy_port, seen.sshTarget)) return ['forward_port', 'await_ssh'];
      return wish.status === 'running' ? [] : ['await_ssh'];
  }
}

function planResize({ resize }: Wish): readonly StepName[] {
  if (resize === null) return [];
  return [resize.state === 'wanted' ? 'resize_instance' : 'adopt_spec'];
}

function planStopped(wish: Wish, seen: Observed): readonly StepName[] {
  const close: readonly StepName[] = seen.forward === undefined ? [] : ['close_port'];
  const resize = planResize(wish);
  switch (seen.power) {
    case 'absent':
    case 'stopped':
      return [...close, ...resize];
    case 'suspended':
      // It has no power; only where it is to be changed must it go down for good.
      return resize.length === 0 ? close : [...close, 'stop_instance', ...resize];
    case 'preparing':
    case 'starting':
    case 'running':
    case 'stopping':
    case 'unknown':
      return [...close, 'stop_instance', ...resize];
  }
}

/**
 * What is left to do so that the host looks as wished, first step first; empty when it does. Pure: the same wish and the
 * same look give the same plan, whoever asks and whatever was done before.
 */
export function plan(wish: Wish, seen: Observed, can: Capabilities): readonly StepName[] {
  switch (wish.desired) {
    case 'running':
      if (wish.recreate === true) {
        const nothing: Observed = { power: 'absent', ipAddress: null, sshTarget: null, forward: undefined };
        return ['close_port', 'delete_instance', ...planPower(wish, nothing, can)];
      }
      return [...planPower(wish, seen, can), ...planKeys(wish)];
    case 'stopped':
      return planStopped(wish, seen);
    case 'deleted':
      // Every step but the last also when nothing was seen: half-made things need not show.
      return ['close_port', 'delete_instance', 'remove_files', 'forget'];
    case 'discarded':
      return ['close_port', 'delete_instance', 'remove_files', 'release'];
  }
}

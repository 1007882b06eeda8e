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
  | 'stop_instance'
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
export interface Wish extends Pick<VmRecord, 'desired' | 'status' | 'proxy_port' | 'keys'> {
  /** That a machine which runs is to go down first. */
  readonly powerCycle?: boolean;
  /** That what is there of the machine is to be replaced by a new one. */
  readonly recreate?: boolean;
}

function leadsTo(forward: PortForward | undefined, port: number | null, target: SshTarget | null): boolean {
  return forward?.port === port && forward.target.host === target?.host && forward.target.port === target.port;
}

function planRunning(wish: Wish, seen: Observed, can: Capabilities): readonly StepName[] {
  switch (seen.power) {
    case 'absent': {
      const power: readonly StepName[] = can.separateStart
        ? ['create_instance', 'start_instance']
        : ['create_instance'];
      const hasKeys = wish.keys.public_key !== null && wish.keys.sealed_host_private_key !== null;
      return [...(hasKeys ? [] : (['make_keys'] as const)), ...power, 'forward_port', 'await_ssh'];
    }
    case 'stopped':
    case 'stopping':
    case 'suspended':
    case 'unknown':
      // What cannot be told may be booting or stuck: a driver's start waits for the one and cures the other.
      return ['start_instance', 'forward_port', 'await_ssh'];
    case 'starting':
    case 'preparing':
      return ['forward_port', 'await_ssh'];
    case 'running':
      if (wish.powerCycle === true) return ['stop_instance', 'start_instance', 'forward_port', 'await_ssh'];
      if (!leadsTo(seen.forward, wish.proxy_port, seen.sshTarget)) return ['forward_port', 'await_ssh'];
      return wish.status === 'running' ? [] : ['await_ssh'];
  }
}

function planStopped(seen: Observed): readonly StepName[] {
  const close: readonly StepName[] = seen.forward === undefined ? [] : ['close_port'];
  switch (seen.power) {
    case 'absent':
    case 'stopped':
    case 'suspended':
      return close;
    case 'preparing':
    case 'starting':
    case 'running':
    case 'stopping':
    case 'unknown':
      return [...close, 'stop_instance'];
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
        return ['close_port', 'delete_instance', ...planRunning(wish, nothing, can)];
      }
      return planRunning(wish, seen, can);
    case 'stopped':
      return planStopped(seen);
    case 'deleted':
      // Every step but the last also when nothing was seen: half-made things need not show.
      return ['close_port', 'delete_instance', 'remove_files', 'forget'];
    case 'discarded':
      return ['close_port', 'delete_instance', 'remove_files', 'release'];
  }
}

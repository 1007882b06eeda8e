import type { VmId, VmSpec } from '@golem-provider/contracts';
import type { GuestCall } from '../guest-command.ts';
import type { MultipassProperty } from './multipass-settings.ts';
import type { CommandSpec } from '../../exec/command-runner.ts';

/** How long a call may take, for everything but a launch and a start. */
export interface MultipassTimeouts {
  /** Calls that do nothing but answer. */
  readonly queryMs: number;
  /** Calls that cut the power or remove, behind whatever else the daemon is busy with. */
  readonly actionMs: number;
  /** How long after Multipass's own wait for a guest its answer is waited for. */
  readonly graceMs: number;
}

/** What `launch` is told. */
export interface LaunchOrder {
  readonly id: VmId;
  readonly spec: VmSpec;
  readonly launchName: string;
  readonly userData: string;
  /** For Multipass's own wait; our deadline is later, so that its answer, which says more, comes first. */
  readonly waitMs: number;
}

/** Command lines of Multipass. Pure: nothing is run. An id begins with a letter, so it can never be an option. */
export interface MultipassCommands {
  version(): CommandSpec;
  /** The states of all instances. Never reaches into a guest, so it answers at once and disturbs no boot. */
  listStates(): CommandSpec;
  /** Everything about instances. Multipass logs in to those of their guests that run; one that it cannot tell of fails all. */
  info(ids: readonly VmId[]): CommandSpec;
  launch(order: LaunchOrder): CommandSpec;
  /** A launch that cannot succeed: what it is refused for tells whether an instance of that name is being prepared. */
  probeName(id: VmId): CommandSpec;
  start(id: VmId, waitMs: number): CommandSpec;
  /** Asks the guest to power itself off. */
  powerOffGuest(id: VmId): CommandSpec;
  /** Cuts the power. */
  stopForced(id: VmId): CommandSpec;
  /** How versions before 1.14 cut the power of an instance that boots; of any other it shuts the guest down. */
  stop(id: VmId): CommandSpec;
  /** Takes an instance back that was deleted, but not for good. */
  recover(id: VmId): CommandSpec;
  /** Several at once: where one of them does not exist, none is deleted. */
  deleteForGood(ids: readonly VmId[]): CommandSpec;
  /** What the instance is given of something, whatever its state. */
  getProperty(id: VmId, property: MultipassProperty): CommandSpec;
  /** Multipass takes one at a time, and only of an instance that is off. */
  setProperty(id: VmId, property: MultipassProperty, value: string): CommandSpec;
  /** Multipass starts an instance that is off for this: look before. */
  runInGuest(id: VmId, call: GuestCall): CommandSpec;
}

const MISSING_IMAGE = 'file:///nonexistent/golem-provider-name-probe.img';

function seconds(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1000)));
}

/** The commands of the program at `program`. */
export function multipassCommands(program: string, timeouts: MultipassTimeouts): MultipassCommands {
  const query = (...args: string[]): CommandSpec => ({ program, args, timeoutMs: timeouts.queryMs });
  const action = (...args: string[]): CommandSpec => ({ program, args, timeoutMs: timeouts.actionMs });
  return {
    version: () => query('version', '--format', 'json'),
    listStates: () => query('list', '--format', 'json', '--no-ipv4'),
    info: (ids) => query('info', ...ids, '--format', 'json'),
    launch: ({ id, spec, launchName, userData, waitMs }) => ({
      program,
      args: [
        'launch',
        launchName,
        '--name',
        id,
        '--cpus',
        String(spec.cpu_cores),
        '--memory',
        `${spec.memory_gb}G`,
        '--disk',
        `${spec.storage_gb}G`,
        '--timeout',
        seconds(waitMs),
        '--cloud-init',
        '-',
      ],
      input: userData,
      timeoutMs: waitMs + timeouts.graceMs,
    }),
    probeName: (id) => action('launch', MISSING_IMAGE, '--name', id),
    start: (id, waitMs) => ({
      program,
      args: ['start', id, '--timeout', seconds(waitMs)],
      timeoutMs: waitMs + timeouts.graceMs,
    }),
    powerOffGuest: (id) => query('exec', '-n', id, '--', 'sudo', 'poweroff'),
    stopForced: (id) => action('stop', '--force', id),
    stop: (id) => action('stop', id),
    recover: (id) => action('recover', id),
    deleteForGood: (ids) => action('delete', '--purge', ...ids),
    getProperty: (id, property) => query('get', `local.${id}.${property}`),
    setProperty: (id, property, value) => action('set', `local.${id}.${property}=${value}`),
    runInGuest: (id, { command, input, timeoutMs }) => ({
      program,
      args: ['exec', '-n', id, '--', ...command],
      input,
      timeoutMs,
    }),
  };
}

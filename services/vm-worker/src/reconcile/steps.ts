import { isDeepStrictEqual } from 'node:util';
import type { OperationPhase, VmId, VmRecord } from '@golem-provider/contracts';
import { AppError, type Logger, pause, underDeadline, withDeadline } from '@golem-provider/service-kit';
import type { RecordStore, Resizing } from '@golem-provider/store';
import type { PortForwarder } from '../forwarding/port-forwarder.ts';
import type { CallContext, CallProgress, Hypervisor, Observation } from '../hypervisor/hypervisor.ts';
import type { VmKeyStore } from '../keys/vm-key-store.ts';
import { keysOfNewGuest, managementLine, renderKeyChange, settleKeys } from './guest-keys.ts';
import type { ManifestKeeper } from '../manifest/manifest-keeper.ts';
import type { Mends } from './mends.ts';
import type { StepName } from './plan.ts';

/** How long one try to read the banner lasts before the machine itself is looked at again. */
const BANNER_TRY_MS = 5000;
const ADDRESS_POLL_MS = 1000;
/** How many busy ports in a row are skipped before something else must be wrong. */
const MAX_PORT_MOVES = 16;

/** Resolves once an ssh server answers there; rejects with the signal's reason when that comes first. */
export type AwaitSsh = (host: string, port: number, signal: AbortSignal) => Promise<void>;

/** What the steps work with. */
export interface StepDeps {
  readonly records: RecordStore;
  readonly resizing: Pick<Resizing, 'settle'>;
  readonly hypervisor: Hypervisor;
  readonly forwarder: PortForwarder;
  /** Whether more guests are about to need a forward. */
  readonly areMoreExpected: () => boolean;
  readonly keys: VmKeyStore;
  readonly manifests: Pick<ManifestKeeper, 'remove'>;
  readonly mends: Mends;
  readonly logger: Logger;
  readonly awaitSsh: AwaitSsh;
  readonly portRange: { readonly start: number; readonly end: number };
  /** How long a guest may take from its start to its banner. */
  readonly launchTimeoutMs: number;
}

/** One run of one step. */
export interface StepContext {
  readonly id: VmId;
  readonly signal: AbortSignal;
  readonly onProgress: (phase: OperationPhase, progress: number | null) => void;
  /** Told when what this step does keeps the host busy no more. */
  readonly onBooted?: () => void;
  /** What the step before saw of the machine at its end, where it looked. */
  readonly seen?: Observation | undefined;
  /** Told what this step sees of it at its end. */
  readonly onSeen?: (seen: Observation) => void;
}

/** A step: brings about one thing, or finds it done. */
export type Step = (context: StepContext) => Promise<void>;

/** The phase that a step shows while it runs. */
export const STEP_PHASES = {
  make_keys: 'preparing',
  create_instance: 'creating',
  start_instance: 'booting',
  forward_port: 'forwarding',
  await_ssh: 'waiting_for_ssh',
  apply_keys: 'updating_keys',
  stop_instance: 'stopping',
  resize_instance: 'resizing',
  adopt_spec: 'resizing',
  close_port: 'removing',
  delete_instance: 'removing',
  remove_files: 'removing',
  release: 'removing',
  forget: 'removing',
} as const satisfies Record<StepName, OperationPhase>;

/** The steps over what they work with. */
export function createSteps(deps: StepDeps): Readonly<Record<StepName, Step>> {
  const { records, resizing, hypervisor, forwarder, keys, awaitSsh } = deps;

  const read = async (id: VmId): Promise<VmRecord> => {
    const vm = await records.getVm(id);
    if (vm === undefined) throw new AppError('VM_NOT_FOUND', `reading ${id} for a step`);
    return vm;
  };
  const callContext = ({ signal, onProgress, onBooted, onSeen }: StepContext): CallContext => ({
    signal,
    ...(onBooted !== undefined && { onBooted }),
    ...(onSeen !== undefined && { onSeen }),
    onProgress: ({ phase, progress }: CallProgress) => onProgress(phase, progress),
  });
  const unreachable = (id: VmId, cause: unknown): AppError =>
    new AppError('GUEST_UNREACHABLE', `waiting for ssh of ${id}: nothing in ${deps.launchTimeoutMs} ms`, {
      cause,
      publicDetail: `The guest did not answer by ssh within ${Math.round(deps.launchTimeoutMs / 1000)} s.`,
    });

  /** Fails at once when the machine went down: its guest will never answer. */
  const observeAlive = async (context: StepContext): Promise<Observation> => {
    const seen = await hypervisor.observe(context.id, callContext(context));
    if (seen.power === 'stopped' || seen.power === 'absent') {
      throw new AppError('HYPERVISOR_FAILED', `waiting for ${context.id}: it is ${seen.power}`, {
        publicDetail: 'The VM went down while it was booting.',
      });
    }
    return seen;
  };

  const forwardTo = async (context: StepContext, seen: Observation): Promise<boolean> => {
    const target = seen.sshTarget;
    if (target === null) return false;
    const { id } = context;
    let port = (await read(id)).proxy_port;
    if (port === null) throw new AppError('INTERNAL', `forwarding to ${id}: it holds no port`);
    for (
      let move = 0;
      (await forwarder.forward(
        { vmId: id, port, target },
        { signal: context.signal, mayWait: deps.areMoreExpected() },
      )) === 'port_busy';
      move += 1
    ) {
      if (move === MAX_PORT_MOVES)
        throw new AppError('PROXY_FAILED', `forwarding to ${id}: ${move} ports in a row were busy`);
      const busy = port;
      port = await records.movePort(id, busy, deps.portRange);
      deps.logger.warn(
        { vm_id: id, old_port: busy, port },
        'another program has the port of the VM: it got another one',
      );
      await deps.mends.tell(id, 'port');
    }
    await records.update({
      vm: {
        id,
        change: (vm) =>
          vm.ip_address === seen.ipAddress && vm.ssh_target?.host === target.host && vm.ssh_target.port === target.port
            ? undefined
            : { ...vm, ip_address: seen.ipAddress, ssh_target: target },
      },
    });
    return true;
  };

  /** Whether an ssh server answers through the public port, within one try. */
  const doesAnswer = async (context: StepContext): Promise<boolean> => {
    const { proxy_port: port } = await read(context.id);
    if (port === null) throw new AppError('INTERNAL', `waiting for ssh of ${context.id}: it holds no port`);
    const trySignal = withDeadline(context.signal, BANNER_TRY_MS);
    try {
      await awaitSsh('127.0.0.1', port, trySignal);
      return true;
    } catch (error) {
      context.signal.throwIfAborted();
      if (trySignal.aborted) return false;
      throw error;
    }
  };

  /** Repeats until the step says it is done; the deadline is that of a launch. */
  const untilReached = async (
    context: StepContext,
    attempt: (inner: StepContext) => Promise<boolean>,
  ): Promise<void> => {
    await underDeadline(context.signal, deps.launchTimeoutMs, async (signal) => {
      const inner = { ...context, signal };
      try {
        while (!(await attempt(inner))) await pause(ADDRESS_POLL_MS, signal);
      } catch (error) {
        context.signal.throwIfAborted();
        if (signal.aborted) throw unreachable(context.id, error);
        throw error;
      }
    });
  };

  return {
    async make_keys({ id }) {
      const vm = await read(id);
      const complete = await keys.ensure(id, vm.keys, hypervisor.capabilities);
      await records.update({
        vm: {
          id,
          change: (current) => (isDeepStrictEqual(current.keys, complete) ? undefined : { ...current, keys: complete }),
        },
      });
    },
    async create_instance(context) {
      const { id, spec, image, keys: vmKeys, ssh_keys: more } = await read(context.id);
      const { public_key: login, host_public_key: hostPublicKey, management_public_key: management } = vmKeys;
      if (login === null || hostPublicKey === null)
        throw new AppError('INTERNAL', `creating ${id}: its keys are missing`);
      const hostPrivateKey = keys.hostPrivateKey(id, vmKeys);
      const managementPrivateKey = keys.managementPrivateKey(id, vmKeys);
      const lines = management === null ? [] : [managementLine(management)];
      const authorizedKeys = [login, ...keysOfNewGuest(more), ...lines];
      // Loaded for a creation: 3 MiB that a worker at rest does without.
      const { renderUserData } = await import('../cloud-init/user-data.ts');
      const userData = renderUserData({ hostname: id, authorizedKeys, hostPrivateKey, hostPublicKey });
      const identity = { userData, authorizedKeys, hostPrivateKey, hostPublicKey, managementPrivateKey };
      await hypervisor.create({ id, spec, image, ...identity }, callContext(context));
    },
    start_instance: (context) => hypervisor.start(context.id, callContext(context)),
    async forward_port(context) {
      let { seen } = context;
      await untilReached(context, async (inner) => {
        const now = seen ?? (await observeAlive(inner));
        // What was seen before is good for one try.
        seen = undefined;
        const isDone = await forwardTo(inner, now);
        if (isDone) context.onSeen?.(now);
        return isDone;
      });
    },
    async await_ssh(context) {
      // What was seen is what the port leads to since the step before.
      let isForwarded = context.seen !== undefined;
      await untilReached(context, async (inner) => {
        // A guest that comes up with another address is followed.
        if (!isForwarded) await forwardTo(inner, await observeAlive(inner));
        isForwarded = false;
        return doesAnswer(inner);
      });
    },
    async apply_keys(context) {
      const { id, ssh_keys: applied } = await read(context.id);
      const change = renderKeyChange(applied);
      if (change === undefined) return;
      const { command, input } = change;
      const { exitCode, stderr } = await hypervisor.runInGuest(id, command, { input }, callContext(context));
      if (exitCode !== 0)
        throw new AppError('GUEST_FAILED', `changing the keys of ${id}: the guest ended with ${exitCode}: ${stderr}`);
      await records.update({
        vm: { id, change: (vm) => ({ ...vm, ssh_keys: settleKeys(vm.ssh_keys, applied) }) },
      });
    },
    async resize_instance(context) {
      const { id, resize } = await read(context.id);
      if (resize === null) return;
      await hypervisor.resize(id, resize.target, callContext(context));
      await resizing.settle(id, resize.target);
    },
    async adopt_spec(context) {
      const { id, spec } = await read(context.id);
      const { power } = await hypervisor.observe(id, callContext(context));
      await resizing.settle(id, power === 'absent' ? spec : await hypervisor.readSpec(id, callContext(context)));
    },
    stop_instance: (context) => hypervisor.stop(context.id, { force: false }, callContext(context)),
    close_port: (context) => forwarder.remove(context.id, callContext(context)),
    delete_instance: (context) => hypervisor.delete(context.id, callContext(context)),
    async remove_files({ id }) {
      // Before its record: a deletion must not be undone from a file. One that was discarded is written again with its record.
      if ((await read(id)).desired === 'deleted') await deps.manifests.remove(id);
      await keys.remove(id);
    },
    async release({ id }) {
      // Without a port the record holds nothing; what it held is given back in the same write.
      await records.update({
        vm: {
          id,
          change: (vm) =>
            vm.proxy_port === null && vm.ip_address === null && vm.ssh_target === null
              ? undefined
              : { ...vm, proxy_port: null, ip_address: null, ssh_target: null },
        },
      });
    },
    async forget({ id }) {
      for (let vm = await records.getVm(id); vm !== undefined; vm = await records.getVm(id)) await records.forget(vm);
    },
  };
}

import type { VmId } from '@golem-provider/contracts';
import { AppError, type Clock, type Logger, pause } from '@golem-provider/service-kit';
import { type ActionOutcome, expectDone, type MultipassClient, NO_ANSWER } from './multipass-client.ts';
import type { MultipassCommands } from './multipass-command.ts';
import { GUEST_NOT_REACHED } from './multipass-output.ts';
import { createSharedCall } from './shared-call.ts';
import type { StateReader } from './state-reader.ts';

/** How long things may take; whatever is not given is for real guests. */
export interface MultipassTiming {
  /** Until a launch or a start is given up. */
  readonly launchMs: number;
  /** How long a guest may take to shut down before its power is cut. */
  readonly shutdownMs: number;
  /** How long an instance may stay in an unknown state after our wait for it ran out, before it is switched off and on. */
  readonly settleMs: number;
  /** Between two looks at the states. */
  readonly pollMs: number;
}

/** What the power of instances is switched with. */
export interface InstancePowerDeps {
  readonly client: MultipassClient;
  readonly commands: MultipassCommands;
  readonly readStates: StateReader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: MultipassTiming;
}

/** Switches instances on and off and removes them. Every verb looks before and after: exit codes of Multipass may lie. */
export interface InstancePower {
  stateOf(id: VmId, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Resolves when the instance runs. One that stays in an unknown state for `settleMs` is switched off and on, which is the
   * only cure: Multipass neither starts it nor says where it is.
   */
  on(id: VmId, settleMs: number, signal: AbortSignal): Promise<void>;
  /** Resolves when it is off. See `Hypervisor.stop`. */
  off(id: VmId, isForced: boolean, signal: AbortSignal): Promise<void>;
  /** Resolves when there is no such instance and none is being prepared. */
  remove(id: VmId, signal: AbortSignal): Promise<void>;
  /** Waits for an instance that is being prepared; false when that has ended without one. */
  awaitPrepared(id: VmId, signal: AbortSignal): Promise<boolean>;
}

const FORCED_STOPS = 3;
const TURNS = 8;
/** A deletion takes Multipass tenths of a second, in which it answers nobody else. */
const DELETIONS_PER_CALL = 16;
/** Asking for a name costs a launch that fails, so it is done once in so many looks. */
const LOOKS_PER_NAME_PROBE = 10;

function isOff(state: string | undefined): boolean {
  return state === undefined || state === 'Stopped' || state === 'Deleted';
}

/** See `InstancePower`. */
export function createInstancePower(deps: InstancePowerDeps): InstancePower {
  const { client, commands, readStates, clock, logger, timing } = deps;
  const deleteForGood = createSharedCall<ActionOutcome>(async (ids, signal) => {
    const doing = ids.length === 1 ? `deleting ${ids[0]}` : `deleting ${ids.length} instances`;
    const outcome = await client.act(commands.deleteForGood(ids), doing, { signal });
    const isForAll = ids.length === 1 || outcome.kind === 'done' || NO_ANSWER.has(outcome.kind);
    return isForAll ? ids.map(() => outcome) : 'one_by_one';
  }, DELETIONS_PER_CALL);

  const stateOf: InstancePower['stateOf'] = async (id, signal) => (await readStates(signal)).get(id);

  /** Looks until the state is one that `isAwaited` accepts; gives the last one also when the time is over. */
  const watch = async (
    id: VmId,
    limitMs: number,
    signal: AbortSignal,
    isAwaited: (state: string | undefined) => boolean,
  ): Promise<string | undefined> => {
    const deadline = clock.elapsed() + limitMs;
    for (;;) {
      const state = await stateOf(id, signal);
      if (isAwaited(state) || clock.elapsed() >= deadline) return state;
      await pause(timing.pollMs, signal);
    }
  };

  const cutPower = async (id: VmId, signal: AbortSignal): Promise<void> => {
    const doing = `cutting the power of ${id}`;
    // After a launch that was interrupted, the first time only changes what Multipass thinks of it.
    for (let attempt = 1; attempt <= FORCED_STOPS; attempt += 1) {
      const outcome = await client.act(commands.stopForced(id), doing, { signal });
      if (outcome.kind === 'option_unknown')
        expectDone(await client.act(commands.stop(id), doing, { signal }), 'absent');
      else expectDone(outcome, 'absent', 'deleted');
      if (isOff(await stateOf(id, signal))) return;
    }
    throw new AppError('HYPERVISOR_FAILED', `${doing}: it is not off after ${FORCED_STOPS} attempts`);
  };

  /**
   * `multipass stop` would hold up every other call until the guest is off, for up to five minutes if it does not want to.
   * The same done from inside the guest holds up nobody.
   */
  const shutDown = async (id: VmId, signal: AbortSignal): Promise<void> => {
    const outcome = await client.act(commands.powerOffGuest(id), `shutting down ${id}`, { signal });
    // Whatever it says: the guest may have gone down before it could answer, and its words are its own.
    const wasAsked = outcome.kind === 'done' || !GUEST_NOT_REACHED.test(outcome.error.message);
    const state = await watch(id, wasAsked ? timing.shutdownMs : 0, signal, isOff);
    if (!isOff(state)) logger.warn({ vm_id: id, state }, 'the guest does not go down; its power is cut');
  };

  const isBeingPrepared = async (id: VmId, signal: AbortSignal): Promise<boolean> => {
    const doing = `asking whether ${id} is being prepared`;
    const outcome = await client.act(commands.probeName(id), doing, { signal });
    if (NO_ANSWER.has(outcome.kind)) expectDone(outcome);
    return outcome.kind === 'being_prepared' || outcome.kind === 'exists';
  };

  const awaitPrepared: InstancePower['awaitPrepared'] = async (id, signal) => {
    const deadline = clock.elapsed() + timing.launchMs;
    for (let look = 0; ; look += 1) {
      if ((await stateOf(id, signal)) !== undefined) return true;
      if (look % LOOKS_PER_NAME_PROBE === 0 && !(await isBeingPrepared(id, signal))) {
        return (await stateOf(id, signal)) !== undefined;
      }
      if (clock.elapsed() >= deadline) {
        throw new AppError('HYPERVISOR_TIMEOUT', `waiting for ${id}: it is still being prepared`);
      }
      await pause(timing.pollMs, signal);
    }
  };

  const start = async (id: VmId, signal: AbortSignal): Promise<void> => {
    const outcome = await client.act(commands.start(id, timing.launchMs), `starting ${id}`, { signal });
    // The state has changed since it was looked at; the next look says how.
    expectDone(outcome, 'unknown_state', 'deleted');
  };

  return {
    stateOf,
    awaitPrepared,
    async on(id, settleMs, signal) {
      let isCured = false;
      for (let turn = 0; turn < TURNS; turn += 1) {
        const state = await stateOf(id, signal);
        switch (state) {
          case undefined:
            throw new AppError('HYPERVISOR_FAILED', `starting ${id}: there is no such instance`, { retryable: false });
          case 'Running':
            return;
          case 'Suspending':
            await watch(id, timing.launchMs, signal, (now) => now !== 'Suspending');
            break;
          case 'Deleted':
            expectDone(await client.act(commands.recover(id), `recovering ${id}`, { signal }));
            break;
          case 'Unknown': {
            if ((await watch(id, settleMs, signal, (now) => now !== 'Unknown')) !== 'Unknown') break;
            if (isCured) throw new AppError('HYPERVISOR_TIMEOUT', `starting ${id}: its state stays unknown`);
            isCured = true;
            logger.warn({ vm_id: id }, 'the state stays unknown; switching the machine off and on');
            await cutPower(id, signal);
            break;
          }
          default:
            await start(id, signal);
        }
      }
      throw new AppError('HYPERVISOR_FAILED', `starting ${id}: its state does not settle`);
    },
    async off(id, isForced, signal) {
      const state = await stateOf(id, signal);
      if (isOff(state)) return;
      if (!isForced) {
        // It has no power; what it was doing is kept.
        if (state === 'Suspended') return;
        if (state === 'Running' || state === 'Delayed Shutdown') {
          await shutDown(id, signal);
          if (isOff(await stateOf(id, signal))) return;
        }
      }
      await cutPower(id, signal);
    },
    async remove(id, signal) {
      const deadline = clock.elapsed() + timing.launchMs;
      for (;;) {
        const outcome = await deleteForGood(id, signal);
        expectDone(outcome, 'absent');
        if (outcome.kind === 'done') {
          if ((await stateOf(id, signal)) === undefined) return;
          // A launch whose client is gone goes on, and its instance appears only once it is prepared.
        } else if (!(await awaitPrepared(id, signal))) return;
        if (clock.elapsed() >= deadline) throw new AppError('HYPERVISOR_TIMEOUT', `deleting ${id}: it is still there`);
      }
    },
  };
}

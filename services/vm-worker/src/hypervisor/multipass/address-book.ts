import type { SshTarget, VmId } from '@golem-provider/contracts';
import { AppError, type Clock, isAppError, type Logger } from '@golem-provider/service-kit';
import { CommandFailure } from '../../exec/command-runner.ts';
import type { MultipassClient } from './multipass-client.ts';
import type { MultipassCommands } from './multipass-command.ts';
import { parseInfo } from './multipass-output.ts';
import { createSharedCall } from './shared-call.ts';

/** What the address book works with. */
export interface AddressBookDeps {
  readonly client: MultipassClient;
  readonly commands: Pick<MultipassCommands, 'info'>;
  /** Whether something takes connections there. */
  readonly isListening: (target: SshTarget, signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * How long a guest is left alone after a call about it ran into its deadline; twice as long after each further one. Nobody
   * asks before Multipass has answered a look again, so this is no wait for a guest that holds it up: it keeps one that is
   * merely slow from holding it up most of the time. Not long, as whoever owns that guest cannot reach it meanwhile.
   */
  readonly hungMs: number;
}

/**
 * The addresses of running instances. Multipass tells one only by logging in to the guest, on the one thread that serves all
 * its calls: a guest that is frozen holds up everything, and a login at the moment at which a boot reaches ssh can block
 * Multipass for good. So an address is asked for once, after the boot, and kept for as long as the instance is seen
 * running and something listens there: a guest may have rebooted between two looks, and come back elsewhere. A guest that
 * does not answer is left alone for a while.
 */
export interface AddressBook {
  /** Takes note of what was seen of an instance. */
  saw(id: VmId, isRunning: boolean): void;
  /**
   * The address of an instance of which a launch or a start of ours has ended, so that its guest may be asked at once. Null
   * where the answer does not say that it runs, and where there is none; rejects only on abort.
   */
  meet(id: VmId, signal: AbortSignal): Promise<string | null>;
  /** The instance is no more. */
  forget(id: VmId): void;
  /** The address, asked for if it is not known and it is time to. Null when there is none; rejects only on abort. */
  find(id: VmId, signal: AbortSignal): Promise<string | null>;
}

interface Entry {
  address: string | null;
  askAgainAt: number;
  failures: number;
  isSilent: boolean;
}

/** From the first sight of `Running` until Multipass's own wait for ssh is surely over. */
const SETTLE_MS = 3000;
/** The same from the moment in which nothing listens at a known address: the guest may be coming up elsewhere. */
const SILENT_SETTLE_MS = 2000;
export const GUEST_SSH_PORT = 22;
const FIRST_DELAY_MS = 2000;
const LONGEST_DELAY_MS = 15 * 60_000;
/** Multipass logs in to one guest after the other, which takes seconds where guests are slow: few, to stay within the deadline. */
const GUESTS_PER_CALL = 4;

/** An empty address book. */
export function createAddressBook({
  client,
  commands,
  isListening,
  clock,
  logger,
  hungMs,
}: AddressBookDeps): AddressBook {
  const entries = new Map<VmId, Entry>();
  const notRunning = new Set<VmId>();

  const info = createSharedCall<string>(async (ids, signal) => {
    const doing =
      ids.length === 1 ? `asking ${ids[0]} for its address` : `asking ${ids.length} instances for addresses`;
    try {
      const answer = await client.ask(commands.info(ids), doing, signal);
      return ids.map(() => answer);
    } catch (error) {
      const isRefusal = isAppError(error) && error.code !== 'HYPERVISOR_UNAVAILABLE';
      if (isRefusal && ids.length > 1) return 'one_by_one';
      // One guest that hangs is no reason to leave the others of the call alone for long: they are asked one by one later.
      if (isAppError(error) && ids.length > 1) throw new AppError(error.code, doing, { cause: error });
      throw error;
    }
  }, GUESTS_PER_CALL);

  const entryOf = (id: VmId): Entry => {
    const entry = entries.get(id) ?? { address: null, askAgainAt: 0, failures: 0, isSilent: false };
    entries.set(id, entry);
    return entry;
  };
  const postpone = (entry: Entry, firstMs: number): void => {
    entry.askAgainAt = clock.elapsed() + Math.min(LONGEST_DELAY_MS, firstMs * 2 ** Math.min(entry.failures, 10));
    entry.failures += 1;
  };
  /** Asks for the address; resolves with the state by the same answer, undefined where there was no answer. */
  const ask = async (id: VmId, entry: Entry, signal: AbortSignal): Promise<string | undefined> => {
    try {
      const known = entry.address;
      const { state, address } = parseInfo(await info(id, signal), id);
      entry.address = address;
      const isNew = address !== null && address !== known;
      if (isNew) Object.assign(entry, { isSilent: false, failures: 0 });
      else postpone(entry, FIRST_DELAY_MS);
      if (isNew && known !== null) logger.info({ vm_id: id, known, now: address }, 'the machine has moved');
      return state;
    } catch (error) {
      signal.throwIfAborted();
      if (!isAppError(error)) throw error;
      const isHung = error.cause instanceof CommandFailure && error.cause.reason === 'timed_out';
      postpone(entry, isHung ? hungMs : FIRST_DELAY_MS);
      logger.warn({ err: error, vm_id: id }, 'the address of a running machine could not be learnt');
      return undefined;
    }
  };

  return {
    saw(id, isRunning) {
      if (!isRunning) {
        entries.delete(id);
        notRunning.add(id);
      } else if (notRunning.delete(id)) {
        entryOf(id).askAgainAt = clock.elapsed() + SETTLE_MS;
      }
    },
    forget(id) {
      entries.delete(id);
      notRunning.delete(id);
    },
    async find(id, signal) {
      const entry = entryOf(id);
      if (entry.address !== null) {
        if (await isListening({ host: entry.address, port: GUEST_SSH_PORT }, signal)) {
          Object.assign(entry, { isSilent: false, failures: 0 });
          return entry.address;
        }
        signal.throwIfAborted();
        if (!entry.isSilent) {
          Object.assign(entry, { isSilent: true, askAgainAt: clock.elapsed() + SILENT_SETTLE_MS });
        }
      }
      if (clock.elapsed() >= entry.askAgainAt) await ask(id, entry, signal);
      return entry.address;
    },
    async meet(id, signal) {
      notRunning.delete(id);
      entries.delete(id);
      const entry = entryOf(id);
      return (await ask(id, entry, signal)) === 'Running' ? entry.address : null;
    },
  };
}

import type { VmId } from '@golem-provider/contracts';
import type { CommandSpec } from '../../exec/command-runner.ts';
import { createSharedWork } from '../../images/shared-work.ts';
import type { MultipassClient } from './multipass-client.ts';
import { parseStates } from './multipass-output.ts';

/** The states of all instances that are ours, as they were after the call. Rejects as `MultipassClient.ask` does. */
export type StateReader = (signal: AbortSignal) => Promise<ReadonlyMap<VmId, string>>;

/**
 * Reads states, one call of Multipass at a time: whoever asks while one is under way shares the next with all others. Many
 * machines that boot at once, as after a reboot of the host, cost no more looks than one does.
 */
export function createStateReader(client: Pick<MultipassClient, 'ask'>, command: CommandSpec): StateReader {
  const shared = createSharedWork<never, ReadonlyMap<VmId, string>>();
  let batch = 0;
  let underWay: Promise<unknown> = Promise.resolve();

  const readAfter = async (before: Promise<unknown>, signal: AbortSignal): Promise<ReadonlyMap<VmId, string>> => {
    await before;
    // Who comes from now on would be told what may be older than the question.
    batch += 1;
    return parseStates(await client.ask(command, 'listing the instances', signal));
  };
  return (caller) =>
    shared.do(`states ${batch}`, { signal: caller, onProgress: () => undefined }, (signal) => {
      const states = readAfter(underWay, signal);
      underWay = states.catch(() => undefined);
      return states;
    });
}

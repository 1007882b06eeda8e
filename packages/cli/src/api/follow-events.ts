import { pause } from '@golem-provider/service-kit';
import { CommandError } from '../commands/command-context.ts';
import { isPassing } from '../exit-codes.ts';
import { type EventPlace, listen, type TakeEvent } from './event-source.ts';
import type { ProviderApi } from './provider-api.ts';

/** Between two tries to connect: far below the API's limit of requests. */
const RETRY_MS = 2000;

/** Who follows the events. */
export interface EventFollower {
  readonly take: TakeEvent;
  /** The connection is there, for the first time or again. */
  readonly onConnected: () => void;
  /** The connection was lost; it is made again. Called once until it is there again. */
  readonly onLost: () => void;
}

/**
 * Hands over all events from now on until the signal aborts, with whose reason it rejects. A connection that is lost is made
 * again and goes on where it was.
 *
 * @throws CommandError when the first connection could not be made, or a later one never will be.
 */
export async function followEvents(
  api: Pick<ProviderApi, 'openEvents'>,
  signal: AbortSignal,
  { take, onConnected, onLost }: EventFollower,
): Promise<never> {
  const place: EventPlace = { lastEventId: undefined };
  let connections = 0;
  for (;;) {
    const before = connections;
    try {
      await listen(
        async (lastEventId, connection) => {
          const response = await api.openEvents(lastEventId, connection);
          connections += 1;
          onConnected();
          return response;
        },
        place,
        take,
        { signal },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof CommandError && (connections === 0 || !isPassing(error.exitCode))) throw error;
    }
    if (connections > before) onLost();
    await pause(RETRY_MS, signal);
  }
}

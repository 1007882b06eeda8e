import { AppError } from '@golem-provider/service-kit';

/** Connections are cheap, but not free. */
const MAX_LISTENERS = 1000;

/** Counts who listens. */
export interface ListenerLimit {
  /**
   * Takes a place for a client. Returns the way to give it back, once.
   *
   * @throws AppError `RATE_LIMITED` where the client, or all together, have as many as they may.
   */
  enter(client: string): () => void;
}

/** A limit for each client, and one for all. */
export function createListenerLimit(perClient: number, inAll = MAX_LISTENERS): ListenerLimit {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    enter(client) {
      const count = counts.get(client) ?? 0;
      if (count >= perClient || total >= inAll) {
        const publicDetail =
          count >= perClient
            ? `At most ${perClient} streams of events are served to one client at a time; close one of them.`
            : 'Too many streams of events are being served.';
        throw new AppError('RATE_LIMITED', `serving events to ${client}`, { publicDetail });
      }
      counts.set(client, count + 1);
      total += 1;
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        total -= 1;
        const left = (counts.get(client) ?? 1) - 1;
        if (left === 0) counts.delete(client);
        else counts.set(client, left);
      };
    },
  };
}

import type { Component, Logger } from '@golem-provider/service-kit';
import type { EventFeed } from '@golem-provider/store';

/** What a trigger works with. */
export interface EventTriggerDeps {
  readonly feed: EventFeed;
  /** From the first event to the call: what happens meanwhile shares it. */
  readonly delayMs: number;
  readonly onEvents: () => void;
  readonly logger: Logger;
}

/**
 * Calls back soon after VMs have changed. It only makes the advertiser quicker, which looks by itself every few seconds:
 * so its start does not wait for Redis.
 */
export function createEventTrigger({ feed, delayMs, onEvents, logger }: EventTriggerDeps): Component {
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  let starting = Promise.resolve();
  let unsubscribe = (): void => undefined;
  return {
    name: 'event trigger',
    start() {
      unsubscribe = feed.subscribe(({ event }) => {
        if (event.type !== 'vm' || timer !== undefined) return;
        timer = setTimeout(() => {
          timer = undefined;
          onEvents();
        }, delayMs);
      });
      starting = feed.start().catch((err: unknown) => {
        if (!isStopping) logger.warn({ err }, 'events cannot be followed; changes are noticed a little later');
      });
      return Promise.resolve();
    },
    async stop() {
      isStopping = true;
      unsubscribe();
      clearTimeout(timer);
      await feed.stop();
      await starting;
    },
  };
}

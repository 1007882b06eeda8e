import { type Component, type Logger, pause } from '@golem-provider/service-kit';

const RETRY_MS = 1000;

/**
 * A component that is started without being waited for, again and again until it succeeds: the service is up before it,
 * and while what it needs is away.
 */
export function startInBackground(component: Component, logger: Logger): Component {
  const controller = new AbortController();
  const { signal } = controller;
  let starting = Promise.resolve();

  const start = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await component.start();
        return;
      } catch (err) {
        if (controller.signal.aborted) return;
        logger.warn({ err }, `starting ${component.name} failed`);
        await pause(RETRY_MS, signal).catch(() => undefined);
      }
    }
  };
  return {
    name: component.name,
    start() {
      starting = start();
      return Promise.resolve();
    },
    async stop() {
      controller.abort(new Error(`${component.name} is stopping`));
      await component.stop();
      await starting;
    },
  };
}

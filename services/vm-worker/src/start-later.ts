import type { Component, Logger } from '@golem-provider/service-kit';

/** A component that takes up its work only when it is told to. */
export interface LateComponent extends Component {
  /** Starts the work; more than once is once. */
  begin(): void;
}

/** Holds a component back until `begin`; `stop` stops it in any case, so that what it opened is closed. */
export function startLater(component: Component, logger: Logger): LateComponent {
  let starting: Promise<void> | undefined;
  return {
    name: component.name,
    start: () => Promise.resolve(),
    begin() {
      starting ??= component.start().catch((err: unknown) => {
        logger.error({ err }, `${component.name} could not be started`);
      });
    },
    async stop() {
      await starting;
      await component.stop();
    },
  };
}

import { once } from 'node:events';
import { runService } from '../lifecycle.ts';
import { createLogger } from '../logger.ts';

/*
 * A service whose supervisor is gone before it has begun to run: it waits in its making until the channel is closed. It ends with 0
 * once it was stopped, and by itself, with another code, where nothing stops it.
 */
await runService(async () => {
  if (process.connected) await once(process, 'disconnect');
  return {
    logger: createLogger({ name: 'abandoned', level: 'silent', pretty: false }),
    component: { name: 'nothing', start: () => Promise.resolve(), stop: () => Promise.resolve() },
  };
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const ABANDONED_SERVICE = fileURLToPath(new URL('../dist/testing/abandoned-service.js', import.meta.url));

it('stops a service whose supervisor was gone before it had started', async () => {
  const child = fork(ABANDONED_SERVICE, { execArgv: [], env: {} });
  const exited = once(child, 'exit');
  child.disconnect();

  expect(await exited).toEqual([0, null]);
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readChunks } from '../response-body.ts';

/*
 * A process that reads an endless answer, collects garbage and interrupts the reading. It writes `interrupted`, or ends by itself
 * without a word where nothing interrupts the reading. In a process of its own: a test runner's environment keeps alive what
 * should be collected.
 */
const server = createServer((_request, response) => void response.write('first\n'))
  .listen(0, '127.0.0.1')
  .unref();
await once(server, 'listening');
const address = server.address();
const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : ''}`;
const controller = new AbortController();
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const open = (): Promise<Response> =>
  fetch(url, { signal: controller.signal, headers: new Headers(), redirect: 'error' });
const read = async (): Promise<void> => {
  for await (const chunk of readChunks(await open(), controller.signal)) process.stdout.write(Buffer.from(chunk));
};
const reading = read().catch((error: unknown) => {
  process.stdout.write(error === controller.signal.reason ? 'interrupted\n' : 'broken\n');
});
// Undici's own timers, which tick twice a second, hold on to what `fetch` made for a while.
for (let turn = 0; turn < 5; turn += 1) {
  await setTimeout(100);
  collectGarbage();
}
controller.abort(new Error('enough'));
await Promise.race([reading, setImmediate().then(setImmediate).then(setImmediate)]);
server.closeAllConnections();

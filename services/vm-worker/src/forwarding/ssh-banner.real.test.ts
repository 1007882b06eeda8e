import { afterEach, describe, expect, it } from '@jest/globals';
import { withDeadline } from '@golem-provider/service-kit';
import { freePort } from '@golem-provider/testing';
import { readSshBanner, waitForSshBanner } from './ssh-banner.ts';
import { startToyServer, startToySshServer } from './testing/toy-ssh-server.ts';

const { signal } = new AbortController();
/** Ends a test that hangs; where nothing is to come, the time is short. */
const PATIENT_MS = 30_000;
const SHORT_MS = 150;
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(onConnection: Parameters<typeof startToyServer>[0]): Promise<number> {
  const server = await startToyServer(onConnection);
  stops.push(() => server.stop());
  return server.port;
}

describe('readSshBanner', () => {
  it('gives the identification of the server', async () => {
    const server = await startToySshServer('a');
    stops.push(() => server.stop());
    await expect(readSshBanner('127.0.0.1', server.port, { signal })).resolves.toBe('SSH-2.0-toy_a');
  });

  it('speaks first, so that it also hears a server that waits for its client', async () => {
    const port = await serve((socket) => {
      socket.once('data', (data) => socket.write(`SSH-2.0-heard_${data.toString().trim()}\n`));
    });
    await expect(readSshBanner('127.0.0.1', port, { signal })).resolves.toBe('SSH-2.0-heard_SSH-2.0-golem-provider');
  });

  it('puts a banner together that comes in pieces', async () => {
    const port = await serve((socket) => {
      socket.setNoDelay();
      socket.write('SSH-2');
      socket.once('data', () => socket.write('.0-slow\r\nmore'));
    });
    await expect(readSshBanner('127.0.0.1', port, { signal })).resolves.toBe('SSH-2.0-slow');
  });

  it.each<[string, Parameters<typeof startToyServer>[0], string, number?]>([
    ['accepts and closes', (socket) => socket.end(), 'the connection was closed'],
    ['accepts and resets', (socket) => socket.resetAndDestroy(), 'the connection failed'],
    ['accepts and holds', () => undefined, `nothing within ${SHORT_MS} ms`, SHORT_MS],
    ['speaks something else', (socket) => socket.write(`HTTP/1.1 400 Bad\r\n${'x'.repeat(300)}`), 'does not speak ssh'],
    ['speaks ssh of the first version', (socket) => socket.end('SSH-1.5-old\n'), 'the connection was closed'],
    ['never ends its banner', (socket) => socket.write(`SSH-2.0-${'x'.repeat(5000)}`), 'does not speak ssh'],
  ])('takes one that %s for unreachable', async (_, onConnection, reason, timeoutMs = PATIENT_MS) => {
    const port = await serve(onConnection);
    await expect(readSshBanner('127.0.0.1', port, { signal, timeoutMs })).rejects.toMatchObject({
      code: 'GUEST_UNREACHABLE',
      message: expect.stringContaining(reason),
    });
  });

  it('takes a closed port for unreachable', async () => {
    await expect(readSshBanner('127.0.0.1', await freePort(), { signal })).rejects.toMatchObject({
      code: 'GUEST_UNREACHABLE',
    });
  });

  it('ends at once when its caller gives up', async () => {
    const controller = new AbortController();
    const port = await serve(() => controller.abort(new Error('overtaken')));
    await expect(readSshBanner('127.0.0.1', port, { signal: controller.signal })).rejects.toThrow('overtaken');
    await expect(readSshBanner('127.0.0.1', port, { signal: controller.signal })).rejects.toThrow('overtaken');
  });
});

describe('waitForSshBanner', () => {
  it('tries until the server answers', async () => {
    let tries = 0;
    const port = await serve((socket) => {
      tries += 1;
      if (tries < 4) socket.resetAndDestroy();
      else socket.write('SSH-2.0-late\r\n');
    });
    await expect(waitForSshBanner('127.0.0.1', port, { signal, intervalMs: 5 })).resolves.toBe('SSH-2.0-late');
    expect(tries).toBe(4);
  });

  it('is not held up by a connection that is held', async () => {
    let tries = 0;
    const port = await serve((socket) => {
      tries += 1;
      if (tries > 1) socket.write('SSH-2.0-late\r\n');
    });
    const options = { signal, intervalMs: 5, timeoutMs: 100 };
    await expect(waitForSshBanner('127.0.0.1', port, options)).resolves.toBe('SSH-2.0-late');
  });

  it.each<[string, Parameters<typeof startToyServer>[0]]>([
    ['between two tries', (socket) => socket.resetAndDestroy()],
    ['during a try', () => undefined],
  ])('tells that the guest is unreachable when the deadline comes %s', async (_, onConnection) => {
    const port = await serve(onConnection);
    const options = { signal: withDeadline(signal, 200), intervalMs: 50 };
    await expect(waitForSshBanner('127.0.0.1', port, options)).rejects.toMatchObject({
      code: 'GUEST_UNREACHABLE',
      message: 'waiting for the ssh banner: none before the deadline',
    });
  });

  it('rejects with the reason when its caller gives up', async () => {
    const controller = new AbortController();
    let tries = 0;
    const port = await serve((socket) => {
      tries += 1;
      socket.resetAndDestroy();
      if (tries === 2) controller.abort(new Error('overtaken'));
    });
    const options = { signal: controller.signal, intervalMs: 5 };
    await expect(waitForSshBanner('127.0.0.1', port, options)).rejects.toThrow('overtaken');
  });
});

import { createServer } from 'node:net';
import { freePort } from '@golem-provider/testing';
import { describe, expect, it } from '@jest/globals';
import { isListening } from './discovery-check.ts';

describe('isListening', () => {
  it.each(['127.0.0.1', 'localhost'])('is false at %s where nobody listens', async (host) => {
    expect(await isListening(`http://${host}:${await freePort()}`, 60_000)).toBe(false);
  });

  it.each(['127.0.0.1', 'localhost'])('is true at %s where a program listens, whatever it says', async (host) => {
    const port = await freePort();
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    try {
      expect(await isListening(`http://${host}:${port}/path`, 60_000)).toBe(true);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

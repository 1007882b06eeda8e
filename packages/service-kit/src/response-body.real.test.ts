import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readChunks, readText } from './response-body.ts';

const INTERRUPTED_READ = fileURLToPath(new URL('../dist/testing/interrupted-read.js', import.meta.url));

let url: string;
const answers: ServerResponse[] = [];
/** It answers with a line, and goes on only as a test has it. */
const server = createServer((_request, response) => {
  answers.push(response);
  response.write('first\n');
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('readChunks', () => {
  it('ends with its signal, also after the garbage collector has run', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [INTERRUPTED_READ]);
    expect(stdout).toBe('first\ninterrupted\n');
  });

  it('lets go of the connection when its reader has seen enough', async () => {
    const { signal } = new AbortController();
    for await (const chunk of readChunks(await fetch(url), signal)) {
      expect(chunk).toHaveLength(6);
      break;
    }

    const answer = answers.at(-1);
    if (answer?.destroyed === false) await once(answer, 'close');
    expect(answer?.writableFinished).toBe(false);
  });

  it('reads nothing for a signal that has aborted before', async () => {
    const read = readChunks(await fetch(url), AbortSignal.abort(new Error('stopped')));
    await expect(read.next()).rejects.toThrow('stopped');
  });
});

describe('readText', () => {
  const { signal } = new AbortController();

  it('gives the whole text, and refuses one that is too long', async () => {
    const response = await fetch(url);
    answers.at(-1)?.end('sécond');
    await expect(readText(response, signal)).resolves.toBe('first\nsécond');

    await expect(readText(await fetch(url), signal, 5)).rejects.toThrow('longer than 5 bytes');
  });
});

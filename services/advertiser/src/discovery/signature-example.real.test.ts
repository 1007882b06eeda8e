import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { CountryCode } from '@golem-provider/contracts';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { startDiscoveryStub } from '../testing/discovery-stub.ts';
import { sendRequest } from './bounded-request.ts';
import { createDiscoveryClient } from './discovery-client.ts';
import { loadProviderKey } from './provider-key.ts';

const PAGE = fileURLToPath(new URL('../../../../docs/security.md', import.meta.url));
let directory: TemporaryDirectory;

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.dispose());

it('is verified by the program that docs/security.md shows', async () => {
  const file = (name: string): string => join(directory.path, name);
  const key = await loadProviderKey(file('provider-key'));
  const stub = await startDiscoveryStub('newer');
  const client = createDiscoveryClient({
    url: stub.url,
    providerId: 'p1',
    key,
    send: sendRequest,
    deadlineMs: 60_000,
  });
  const resources = { cpu: 1, memory: 1, storage: 10 };
  const country = CountryCode.parse('SE');
  await client.advertise({ ip_address: '203.0.113.7', country, resources }, new AbortController().signal);
  await stub.stop();
  const [{ body, signature } = { body: '', signature: '' }] = stub.accepted;
  const [, program = ''] = /```js\n(.*?)```/s.exec(await readFile(PAGE, 'utf8')) ?? [];
  await writeFile(file('verify.mjs'), program);
  await writeFile(file('key.pem'), key.publicPem);
  await writeFile(file('body'), body);
  await writeFile(file('another'), body.replace('"cpu":1', '"cpu":2'));
  const verify = (name: string): number | null =>
    spawnSync(process.execPath, [file('verify.mjs'), file('key.pem'), file(name), signature], { timeout: 60_000 })
      .status;

  expect(program).toContain('verify');
  expect([verify('body'), verify('another')]).toEqual([0, 1]);
});

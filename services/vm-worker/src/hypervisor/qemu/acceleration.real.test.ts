import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@golem-provider/service-kit';
import { type TemporaryDirectory, temporaryDirectory } from '@golem-provider/testing';
import { findAcceleration, PROBE_ROM, probeArguments } from './acceleration.ts';
import { runQemu } from './qemu-process.ts';

describe('the probe of the accelerator', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.dispose());

  const signal = AbortSignal.timeout(60_000);
  const start = (accelerator: readonly string[]) => ({
    args: probeArguments(accelerator, 'probe.rom'),
    directory: directory.path,
    user: null,
    environment: process.env,
  });

  it('passes under software emulation, and is killed when it takes too long', async () => {
    const rom = gunzipSync(Buffer.from(await readFile(PROBE_ROM, 'utf8'), 'base64'));
    await writeFile(join(directory.path, 'probe.rom'), rom);
    expect(await runQemu(start(['-accel', 'tcg']), 30_000, signal)).toBe(85);
    expect(await runQemu(start(['-accel', 'tcg']), 20, signal)).toBeNull();
  }, 60_000);

  it('finds an answer and keeps it as long as nothing changes', async () => {
    const cacheFile = join(directory.path, 'acceleration.json');
    const deps = {
      workDirectory: directory.path,
      cacheFile,
      hasOwnUsers: false,
      environment: process.env,
      logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
    };
    const found = await findAcceleration(deps, '1', signal);
    expect(found.reason).not.toBe('');
    const kept = { ...found, reason: 'from the file' };
    const remembered: object = JSON.parse(await readFile(cacheFile, 'utf8'));
    await writeFile(cacheFile, JSON.stringify({ ...remembered, reason: kept.reason }));
    expect(await findAcceleration(deps, '1', signal)).toMatchObject(kept);
    expect((await findAcceleration(deps, '2', signal)).reason).toBe(found.reason);
  }, 60_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 120_000;

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  await emulator.configure({ downloadMs: 0, prepareMs: 50, bootMs: 20_000, cloudInitMs: 50, shutdownMs: 50 });
  await emulator.startDaemon();
  bed = await createWorkerBed(server, emulator, process.env);
}, TIMEOUT_MS);
afterAll(async () => {
  await bed.dispose();
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);

describe('a worker that is told to stop while a program runs for it', () => {
  it(
    'ends by itself, not by the signal, and the next one goes on where it was',
    async () => {
      const worker = bed.spawn();
      const { vmId, operationId } = await eventually(() => bed.create(), TIMEOUT_MS);
      await eventually(async () => {
        const launches = (await emulator.calls()).filter(({ argv }) => argv[0] === 'launch');
        expect(launches.length).toBeGreaterThan(0);
      }, TIMEOUT_MS);
      process.kill(worker.pid, 'SIGTERM');

      // Null: no signal ended it.
      expect(await worker.ended).toBeNull();
      await emulator.configure({ bootMs: 50 });
      bed.spawn();
      expect(await bed.ended(operationId, TIMEOUT_MS)).toMatchObject({ status: 'completed', error: null });
      expect(await bed.instances()).toEqual({ [vmId]: 'Running' });
    },
    TIMEOUT_MS,
  );
});

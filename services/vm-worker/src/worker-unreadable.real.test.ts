import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HostId, redisNames } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { readSshBanner } from './forwarding/ssh-banner.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 180_000;
/** For a state to be reached; less than a test has, so that it says what was there instead. */
const STATE_MS = 40_000;
const NAMES = redisNames(HostId.parse('local'));

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  await emulator.configure({ downloadMs: 0, prepareMs: 20, bootMs: 100, cloudInitMs: 20, shutdownMs: 50 });
  await emulator.startDaemon();
}, TIMEOUT_MS);
afterAll(async () => {
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);
beforeEach(async () => {
  const tuning = { resync: { intervalMs: 200, unhealthyIntervalMs: 200 } };
  bed = await createWorkerBed(server, emulator, process.env, { tuning });
});
afterEach(() => bed.dispose(), TIMEOUT_MS);

describe('a record that cannot be read', () => {
  it.each([
    ['no JSON', '{"id":'],
    ['of another form', '{"id":"golem-web-20260101-120000"}'],
  ])(
    'is written anew from the manifest where it is %s, and kept for a person to look at',
    async (_, json) => {
      await bed.start();
      const accepted = [await bed.create(), await bed.create()];
      for (const { operationId } of accepted) await bed.ended(operationId);
      const [broken, other] = await Promise.all(accepted.map(({ vmId }) => bed.recordOf(vmId)));
      if (broken === undefined || other === undefined) throw new Error('too few VMs');

      await bed.redis.hset(NAMES.vm(broken.id), 'json', json);

      await eventually(async () => {
        const restored = await bed.recordOf(broken.id);
        expect(restored.revision).toBeGreaterThan(broken.revision);
        expect({ ...broken, updated_at: restored.updated_at, revision: restored.revision }).toEqual(restored);
      }, STATE_MS);
      expect(await bed.redis.hget(NAMES.vmUnreadable(broken.id), 'json')).toBe(json);
      expect(await bed.redis.pttl(NAMES.vmUnreadable(broken.id))).toBeGreaterThan(0);
      expect(await bed.recordOf(other.id)).toEqual(other);
      const signal = AbortSignal.timeout(STATE_MS);
      expect(await readSshBanner('127.0.0.1', broken.proxy_port ?? 0, { signal })).toMatch(/^SSH-2\.0-/);
      await eventually(async () => expect(await bed.audit()).toEqual([]), STATE_MS);

      for (const { id } of [broken, other]) await bed.ended(await bed.change(id, 'delete'));
    },
    TIMEOUT_MS,
  );
});

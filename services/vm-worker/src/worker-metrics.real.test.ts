import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { HostId, type MetricsSnapshot, redisNames } from '@golem-provider/contracts';
import { renderMetrics } from '@golem-provider/service-kit/metrics';
import { createMetricsStore } from '@golem-provider/store';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nginxPlaces } from './forwarding/nginx-port-forwarder.ts';
import { stopPrivateNginx } from './forwarding/private-nginx.ts';
import { createMultipassEmulator, type MultipassEmulator } from './hypervisor/multipass/testing/emulator-control.ts';
import { createWorkerBed, type WorkerBed } from './testing/worker-bed.ts';

const TIMEOUT_MS = 180_000;

let server: RedisServer;
let emulator: MultipassEmulator;
let bed: WorkerBed;

beforeAll(async () => {
  server = await startRedisServer();
  emulator = await createMultipassEmulator(process.env);
  await emulator.configure({ downloadMs: 0, prepareMs: 50, bootMs: 100, cloudInitMs: 50, shutdownMs: 50 });
  await emulator.startDaemon();
  bed = await createWorkerBed(server, emulator, process.env);
}, TIMEOUT_MS);
afterAll(async () => {
  await bed.dispose();
  await emulator.dispose();
  await server.stop();
}, TIMEOUT_MS);

/** The values of the series that begin so, by the rest of their line. */
async function series(snapshots: readonly MetricsSnapshot[], start: string): Promise<string[]> {
  const text = await renderMetrics(snapshots);
  return text.split('\n').filter((line) => line.startsWith(`golem_provider_${start}`));
}

describe('the worker', () => {
  it(
    'leaves in Redis what it has counted of operations, the hypervisor and the proxy',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.create();
      await bed.ended(operationId);
      await bed.ended(await bed.change(vmId, 'delete'));
      const store = createMetricsStore(server.client(), HostId.parse('local'));
      await eventually(
        async () => expect(await series(await store.read(), 'ssh_sessions')).toEqual([expect.stringMatching(/ \d+$/)]),
        TIMEOUT_MS,
      );
      await eventually(
        async () =>
          expect(await series(await store.read(), 'nginx_workers')).toEqual([
            expect.stringMatching(/state="active".* 2$/),
            expect.stringMatching(/state="leaving".* \d+$/),
          ]),
        TIMEOUT_MS,
      );
      await bed.stop();

      const published = await store.read();
      expect(await series(published, 'operations_total')).toEqual(
        ['create', 'delete'].map(
          (kind) => `golem_provider_operations_total{kind="${kind}",result="completed",service="vm-worker"} 1`,
        ),
      );
      const phases = (await series(published, 'operation_phase_duration_seconds_count')).join('\n');
      for (const phase of ['queued', 'preparing', 'creating', 'forwarding', 'waiting_for_ssh', 'removing'])
        expect(phases).toContain(`phase="${phase}"`);
      const calls = (await series(published, 'hypervisor_call_duration_seconds_count')).join('\n');
      for (const command of ['probe', 'list', 'create', 'delete'])
        expect(calls).toContain(`command="${command}",result="ok"`);
      expect((await series(published, 'nginx_reload_duration_seconds_count')).join('\n')).toContain(
        'action="reload",result="ok"',
      );
    },
    TIMEOUT_MS,
  );

  it(
    'tells of all that it puts right, as events and in a metric',
    async () => {
      const names = redisNames(HostId.parse('local'));
      await bed.start();
      const vms = [];
      for (let made = 0; made < 4; made += 1) {
        const { vmId, operationId } = await bed.create();
        await bed.ended(operationId);
        vms.push(vmId);
      }
      const [unforwarded = '', lost = '', unheld = '', untrusted = ''] = vms;
      await bed.stop();
      await rm(join(bed.data.nginx, 'vms', `vm_${unforwarded}.conf`));
      await bed.redis.del(`${names.vmPrefix}${lost}`);
      await bed.redis.zrem(names.vms, lost);
      await bed.redis.hdel(names.reservations, unheld);
      await writeFile(join(bed.data.vms, untrusted, 'manifest.json'), '{');
      const unqueued = await bed.admit();

      await bed.start();
      await bed.ended(unqueued.operationId);

      const mends = async (): Promise<string[]> =>
        (await bed.events()).flatMap((event) => (event.type === 'mend' ? [`${event.mend} ${event.vm_id}`] : []));
      const expected = [
        `holding ${unheld}`,
        `job ${unqueued.vmId}`,
        `manifest ${untrusted}`,
        `record ${lost}`,
        `vm ${unforwarded}`,
      ];
      await eventually(async () => expect((await mends()).toSorted()).toEqual(expected), TIMEOUT_MS);
      await bed.stop();
      const published = await createMetricsStore(server.client(), HostId.parse('local')).read();
      expect((await series(published, 'mends_total')).toSorted()).toEqual(
        expected.map((mend) => `golem_provider_mends_total{kind="${mend.split(' ')[0]}",service="vm-worker"} 1`),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'tells of a VM that gets another port, as an event and in a metric',
    async () => {
      await bed.start();
      const { vmId, operationId } = await bed.create();
      await bed.ended(operationId);
      const { proxy_port: port } = await bed.recordOf(vmId);
      await bed.stop();
      await stopPrivateNginx(nginxPlaces({}, bed.data), AbortSignal.timeout(TIMEOUT_MS));
      const squatter = createServer().listen(port ?? 0, '0.0.0.0');
      await once(squatter, 'listening');

      try {
        await bed.start();
        await eventually(async () => {
          const moves = (await bed.events()).filter((event) => event.type === 'mend' && event.mend === 'port');
          expect(moves).toEqual([expect.objectContaining({ vm_id: vmId })]);
        }, TIMEOUT_MS);
        const { proxy_port: now } = await bed.recordOf(vmId);
        expect(now).not.toBe(port);
        await eventually(async () => {
          const published = await createMetricsStore(server.client(), HostId.parse('local')).read();
          expect((await series(published, 'mends_total')).filter((line) => line.includes('"port"'))).toEqual([
            'golem_provider_mends_total{kind="port",service="vm-worker"} 1',
          ]);
        }, TIMEOUT_MS);
      } finally {
        await bed.stop();
        squatter.close();
      }
    },
    2 * TIMEOUT_MS,
  );
});

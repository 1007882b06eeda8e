import { join } from 'node:path';
import { Writable } from 'node:stream';
import {
  type ErrorCode,
  type Failure,
  JobAccepted,
  Operation,
  type OperationId,
  parseSettings,
  QUEUE_PREFIX,
  redisNames,
  type Settings,
  SshPublicKey,
  toTimestamp,
  type VmKeys,
  type VmId,
} from '@golem-provider/contracts';
import { createLogger, systemClock } from '@golem-provider/service-kit';
import { createRecordStore, createReportStore, type RecordStore, type ReportStore } from '@golem-provider/store';
import { eventually, hostSample, type RedisServer, temporaryDirectory, workerReport } from '@golem-provider/testing';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { createGateway, type GatewayOptions } from '../service.ts';
import { createApiClient, type ApiClient } from './api-client.ts';

const FRESH_MS = 600_000;

/** For tests of the counts themselves, which a moment without Redis must not begin anew. */
export const COUNTS_IN_REDIS: GatewayOptions = { countingPatience: { timeoutMs: 600_000, retryAfterMs: 600_000 } };

/** A public key such as requestors send. */
export const REQUESTOR_KEY = SshPublicKey.parse(
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@example.org',
);

/** A gateway over real HTTP and a real Redis; monitor and worker are played by the test. */
export interface GatewayHarness {
  readonly api: ApiClient;
  readonly baseUrl: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly redis: Redis;
  readonly records: RecordStore;
  readonly reports: ReportStore;
  readonly names: ReturnType<typeof redisNames>;
  /** What was logged, as parsed lines. */
  logs(): Record<string, unknown>[];
  /** Empties Redis, then lets monitor and worker say that all is well. */
  reset(): Promise<void>;
  /** Creates a VM in the background. */
  accept(name: string, more?: Record<string, unknown>): Promise<JobAccepted>;
  /** The only operation that has not ended, as soon as there is one. */
  pendingOperation(): Promise<Operation>;
  /** Resolves when an operation has its job, which comes after its record. */
  queued(id: OperationId): Promise<void>;
  /** The key of an operation's job. */
  jobKey(id: OperationId): string;
  /** Ends a creation as the worker would. */
  finishCreation(job: JobAccepted, keys?: Partial<VmKeys>): Promise<void>;
  /** Ends an operation as a failure. */
  fail(id: OperationId, vmId: VmId, error: Failure): Promise<void>;
  /** Ends a deletion as the worker would. */
  finishDeletion(id: OperationId, vmId: VmId): Promise<void>;
  stop(): Promise<void>;
}

/** A code and its words, as the worker would write them. */
export function failure(code: ErrorCode, message: string): Failure {
  return { code, message };
}

/** The settings of a gateway for tests: the defaults, any free port, many requests a minute. */
function testSettings(changes: Partial<Settings> = {}): Settings {
  const result = parseSettings({});
  if (!result.ok) throw new Error(result.problems.join());
  return { ...result.settings, HOST: '127.0.0.1', PORT: 0, RATE_LIMIT_PER_MINUTE: 100_000, ...changes };
}

/** Starts a gateway on a Redis of the test. */
export async function startGateway(
  server: Pick<RedisServer, 'url' | 'client'>,
  changes: Partial<Settings> = {},
  options: GatewayOptions = {},
): Promise<GatewayHarness> {
  const directory = await temporaryDirectory();
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ name: 'api-gateway', level: 'debug', pretty: false }, destination);
  const settings = testSettings({ REDIS_URL: server.url, DATA_DIR: join(directory.path, 'data'), ...changes });
  const start = async (): ReturnType<typeof createGateway> => {
    const created = await createGateway(settings, logger, options);
    await created.start();
    return created;
  };
  const gateway = await start().catch(async (error: unknown) => {
    await directory.dispose();
    throw error;
  });
  const redis = server.client();
  const records = createRecordStore(redis, settings.HOST_ID, systemClock);
  const reports = createReportStore(redis, settings.HOST_ID);
  const names = redisNames(settings.HOST_ID);
  const port = gateway.port();
  const baseUrl = `http://127.0.0.1:${port}`;
  const api = createApiClient(baseUrl);
  const now = (): string => toTimestamp(Date.now());
  const jobKey = (id: OperationId): string => `${QUEUE_PREFIX}:${names.operationQueue}:${id}`;

  return {
    api,
    baseUrl,
    port,
    dataDirectory: settings.DATA_DIR,
    redis,
    records,
    reports,
    names,
    logs: () => lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line))),
    async reset() {
      await redis.flushall();
      await reports.monitor.save(hostSample(), FRESH_MS);
      await reports.worker.save(workerReport(), FRESH_MS);
    },
    async accept(name, more = {}) {
      const reply = await api.call('createVm', { query: { async: 'true' }, body: { name, ...more } });
      return JobAccepted.parse(reply.body);
    },
    pendingOperation: () =>
      eventually(async () => {
        const [operation] = await records.listPendingOperations();
        return Operation.parse(operation);
      }),
    queued: (id) =>
      eventually(async () => {
        if ((await redis.exists(jobKey(id))) === 0) throw new Error(`${id} has no job`);
      }),
    jobKey,
    async finishCreation({ job_id, vm_id }, keys = { public_key: REQUESTOR_KEY }) {
      await records.update({
        vm: {
          id: vm_id,
          change: (vm) => ({ ...vm, status: 'running', ip_address: '10.0.2.15', keys: { ...vm.keys, ...keys } }),
        },
        operation: {
          id: job_id,
          change: (operation) => ({ ...operation, status: 'completed', phase: 'done', finished_at: now() }),
        },
      });
    },
    async fail(id, vmId, error) {
      await records.update({
        vm: { id: vmId, change: (vm) => ({ ...vm, status: 'error', error }) },
        operation: { id, change: (operation) => ({ ...operation, status: 'failed', error, finished_at: now() }) },
      });
    },
    async finishDeletion(id, vmId) {
      const vm = await records.getVm(vmId);
      if (vm !== undefined) await records.forget(vm);
      await records.update({
        operation: {
          id,
          change: (operation) => ({ ...operation, status: 'completed', phase: 'done', finished_at: now() }),
        },
      });
    },
    async stop() {
      await gateway.stop();
      await directory.dispose();
    },
  };
}

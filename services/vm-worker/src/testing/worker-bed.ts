import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import {
  HostId,
  ImageName,
  isFinished,
  newOperation,
  type Operation,
  OPERATION_JOB_OPTIONS,
  OperationId,
  QUEUE_PREFIX,
  redisNames,
  type VmId,
  VmName,
  type VmRecord,
} from '@golem-provider/contracts';
import {
  type Component,
  createLogger,
  type DataDirectory,
  dataDirectory,
  loadSettings,
  systemClock,
} from '@golem-provider/service-kit';
import { createAdmission, createRecordStore, createReportStore, type RecordStore } from '@golem-provider/store';
import { eventually, freePort, hostSample, type RedisServer, temporaryDirectory } from '@golem-provider/testing';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Finding } from '../audit/finding.ts';
import { runAudit } from '../audit/run-audit.ts';
import { nginxPlaces } from '../forwarding/nginx-port-forwarder.ts';
import { stopPrivateNginx } from '../forwarding/private-nginx.ts';
import type { MultipassEmulator } from '../hypervisor/multipass/testing/emulator-control.ts';
import { createHostParts } from '../host-parts.ts';
import { createWorkerService } from '../service.ts';

const HOST = HostId.parse('local');
const STATE_TIMEOUT_MS = 60_000;

/** What each change wishes, as the gateway writes it. */
const WISHES = {
  start: { desired: 'running', status: 'starting' },
  stop: { desired: 'stopped', status: 'stopping' },
  restart: { desired: 'running', status: 'restarting' },
  delete: { desired: 'deleted', status: 'deleting' },
  retry: { desired: 'running', status: 'starting' },
  adopt: { desired: 'running', status: 'error' },
  recreate: { desired: 'running', status: 'creating' },
} as const;

/** A VM that was accepted. */
export interface Accepted {
  readonly vmId: VmId;
  readonly operationId: OperationId;
}

/** A whole worker over a real Redis, a real nginx and an emulated Multipass, and the part of the gateway by hand. */
export interface WorkerBed {
  readonly data: DataDirectory;
  readonly records: RecordStore;
  /** A connection to the Redis of the bed. */
  readonly redis: Redis;
  /** What the process of another worker for the same host is started with. */
  readonly environment: NodeJS.ProcessEnv;
  /** Starts a worker and waits until it has said how it is. */
  start(isHealthy?: boolean): Promise<void>;
  stop(): Promise<void>;
  /** Accepts a VM; nobody is told of it. */
  admit(image?: string): Promise<Accepted>;
  /** Accepts a VM and enqueues its creation. */
  create(image?: string): Promise<Accepted>;
  /** Accepts a change and enqueues it. */
  change(id: VmId, kind: keyof typeof WISHES): Promise<OperationId>;
  /** The operation, once it has ended. */
  ended(id: OperationId): Promise<Operation>;
  recordOf(id: VmId): Promise<VmRecord>;
  /** Everything in which the host differs from its records. */
  audit(): Promise<Finding[]>;
  /** Fails when anything of any VM is left anywhere. */
  expectNothingHeld(): Promise<void>;
  dispose(): Promise<void>;
}

/** Makes a bed on an empty Redis; no worker runs yet. */
export async function createWorkerBed(
  server: RedisServer,
  emulator: MultipassEmulator,
  environment: NodeJS.ProcessEnv,
): Promise<WorkerBed> {
  const directory = await temporaryDirectory();
  const data = dataDirectory(directory.path);
  await mkdir(data.logs);
  const redis = server.client();
  await redis.flushall();
  const first = await freePort();
  const portRange = { start: first, end: Math.min(first + 20, 65_535) };
  const workerEnvironment = {
    ...environment,
    GOLEM_PROVIDER_DATA_DIR: directory.path,
    GOLEM_PROVIDER_REDIS_URL: server.url,
    GOLEM_PROVIDER_HYPERVISOR: 'multipass',
    GOLEM_PROVIDER_MULTIPASS_BINARY_PATH: emulator.program,
    GOLEM_PROVIDER_PORT_RANGE_START: String(portRange.start),
    GOLEM_PROVIDER_PORT_RANGE_END: String(portRange.end),
    GOLEM_PROVIDER_LAUNCH_TIMEOUT: '30',
    GOLEM_PROVIDER_LOG_LEVEL: 'fatal',
  };
  const queue = new Queue(redisNames(HOST).operationQueue, { connection: redis, prefix: QUEUE_PREFIX });
  const records = createRecordStore(redis, HOST, systemClock);
  const reports = createReportStore(redis, HOST);
  const admission = createAdmission(redis, HOST, { maxVms: 10, portRange }, systemClock);
  let worker: Component | undefined;

  await reports.monitor.save(hostSample(), 600_000);

  /** As the gateway does. */
  const enqueue = async (operationId: OperationId, vmId: VmId): Promise<void> => {
    const job = { operation_id: operationId, vm_id: vmId };
    await queue.add('test', job, { ...OPERATION_JOB_OPTIONS, jobId: operationId });
  };
  const newChange = (kind: Operation['kind'], { id, generation }: VmRecord): Operation =>
    newOperation(
      {
        id: OperationId.parse(`op-${crypto.randomUUID()}`),
        host_id: HOST,
        vm_id: id,
        kind,
        generation,
        request_id: null,
      },
      new Date().toISOString(),
    );
  const admit = (image = 'ubuntu:24.04'): Promise<Accepted> =>
    admission.admit({
      name: VmName.parse('web'),
      spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
      size: null,
      image: ImageName.parse(image),
      sshKey: null,
      streamId: null,
      requestId: null,
    });
  const stop = async (): Promise<void> => {
    await worker?.stop();
    worker = undefined;
  };

  return {
    data,
    records,
    redis,
    environment: workerEnvironment,
    stop,
    admit,
    async start(isHealthy = true) {
      const { component } = await createWorkerService({
        environment: workerEnvironment,
        directory: directory.path,
        isTerminal: false,
        pid: process.pid,
      });
      await component.start();
      worker = component;
      await eventually(async () => {
        expect(await reports.worker.read()).toMatchObject({ isFresh: true, report: { healthy: isHealthy } });
      }, STATE_TIMEOUT_MS);
    },
    async create(image) {
      const accepted = await admit(image);
      await enqueue(accepted.operationId, accepted.vmId);
      return accepted;
    },
    async change(id, kind) {
      const wish = WISHES[kind];
      const { operation } = await records.update({
        vm: { id, change: (vm) => ({ ...vm, ...wish, generation: vm.generation + 1 }) },
        accept: (vm) => newChange(kind, vm),
      });
      if (operation === undefined) throw new Error(`no ${kind} of ${id}`);
      await enqueue(operation.id, id);
      return operation.id;
    },
    ended: (id) =>
      eventually(async () => {
        const operation = await records.getOperation(id);
        if (operation !== undefined && isFinished(operation.status)) return operation;
        throw new Error(`${id} is ${JSON.stringify(operation)}`);
      }, STATE_TIMEOUT_MS),
    async recordOf(id) {
      const vm = await records.getVm(id);
      if (vm === undefined) throw new Error(`${id} has no record`);
      return vm;
    },
    async audit() {
      const settings = loadSettings(workerEnvironment, directory.path);
      const logger = createLogger({ name: 'audit', level: 'silent', pretty: false });
      const parts = await createHostParts({ settings, environment: workerEnvironment, logger });
      const forwardDirectory = parts.places.configDirectory;
      const signal = AbortSignal.timeout(STATE_TIMEOUT_MS);
      return runAudit({ ...parts, redis, hostId: HOST, forwardDirectory, portRange, logger }, signal);
    },
    async expectNothingHeld() {
      expect((await records.listReservations()).size).toBe(0);
      expect(await redis.hlen(redisNames(HOST).ports)).toBe(0);
      expect(await readdir(join(data.nginx, 'vms'))).toEqual([]);
      // The record of a creation that failed is kept for a while, and its manifest with it.
      const kept = (await records.listVms()).map(({ id }) => id);
      expect(await readdir(data.vms)).toEqual(kept);
      for (const id of kept)
        await eventually(async () => expect(await readdir(data.vm(id))).toEqual(['manifest.json']), STATE_TIMEOUT_MS);
      expect(await emulator.guestProcesses()).toEqual([]);
    },
    async dispose() {
      await stop();
      await queue.close();
      await stopPrivateNginx(nginxPlaces({}, data), AbortSignal.timeout(20_000));
      await directory.dispose();
    },
  };
}

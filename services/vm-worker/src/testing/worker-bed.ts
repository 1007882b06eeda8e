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
  ProviderEvent,
  QUEUE_PREFIX,
  redisNames,
  type SshKey,
  type VmId,
  VmName,
  type VmRecord,
  type VmSpec,
} from '@golem-provider/contracts';
import {
  type Component,
  createLogger,
  type DataDirectory,
  dataDirectory,
  loadSettings,
  systemClock,
} from '@golem-provider/service-kit';
import {
  createAdmission,
  createRecordStore,
  createReportStore,
  createResizing,
  type RecordStore,
  type ReportStore,
} from '@golem-provider/store';
import { eventually, freePortSpan, hostSample, type RedisServer, temporaryDirectory } from '@golem-provider/testing';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Finding } from '../audit/finding.ts';
import { runAudit } from '../audit/run-audit.ts';
import { type CommandResult, createCommandRunner } from '../exec/command-runner.ts';
import { nginxPlaces } from '../forwarding/nginx-port-forwarder.ts';
import { stopPrivateNginx } from '../forwarding/private-nginx.ts';
import type { MultipassEmulator } from '../hypervisor/multipass/testing/emulator-control.ts';
import { createHostParts } from '../host-parts.ts';
import type { FaultPoint, FaultPoints } from '../reconcile/fault-points.ts';
import { createWorkerService } from '../service.ts';
import type { WorkerTuning } from '../worker-tuning.ts';
import { sshLogin } from './ssh-login.ts';
import { spawnWorker, type WorkerChild } from './worker-child.ts';

const HOST = HostId.parse('local');
const STATE_TIMEOUT_MS = 60_000;

const Instances = z.object({ list: z.array(z.object({ name: z.string(), state: z.string() })) });

/** What each change wishes, as the gateway writes it. */
const WISHES = {
  start: { desired: 'running', status: 'starting', released: false },
  stop: { desired: 'stopped', status: 'stopping' },
  restart: { desired: 'running', status: 'restarting' },
  delete: { desired: 'deleted', status: 'deleting' },
  retry: { desired: 'running', status: 'starting' },
  adopt: { status: 'error' },
  recreate: { desired: 'running', status: 'creating' },
} as const;

/** No look but the first: one that came in the midst of a test would put right what the test has done by hand, or was refused. */
export const FIRST_LOOK_ALONE: WorkerTuning = { resync: { intervalMs: 3_600_000 } };

/** A VM that was accepted. */
export interface Accepted {
  readonly vmId: VmId;
  readonly operationId: OperationId;
}

/** What a bed may have otherwise. */
export interface WorkerBedOptions {
  readonly maxVms?: number;
  /** For workers in this process. */
  readonly tuning?: WorkerTuning;
  /** More settings, or others. */
  readonly settings?: NodeJS.ProcessEnv;
}

/** A whole worker over a real Redis, a real nginx and an emulated Multipass, and the part of the gateway by hand. */
export interface WorkerBed {
  readonly data: DataDirectory;
  readonly records: RecordStore;
  readonly reports: ReportStore;
  /** A connection to the Redis of the bed. */
  readonly redis: Redis;
  /** What the process of another worker for the same host is started with. */
  readonly environment: NodeJS.ProcessEnv;
  /** Starts a worker in this process and waits until it has said how it is. */
  start(isHealthy?: boolean): Promise<void>;
  stop(): Promise<void>;
  /** Starts a worker in a process of its own, which kills itself at the given point; `dispose` ends it. */
  spawn(killAt?: FaultPoint): WorkerChild;
  /** Accepts a VM; nobody is told of it. */
  admit(image?: string): Promise<Accepted>;
  /** Accepts a VM and enqueues its creation. */
  create(image?: string): Promise<Accepted>;
  /** Accepts a change and enqueues it. */
  change(id: VmId, kind: keyof typeof WISHES): Promise<OperationId>;
  /** Accepts a resize and enqueues it. */
  resize(id: VmId, target: VmSpec): Promise<OperationId>;
  /** Accepts a change of the keys and enqueues it. */
  changeKeys(id: VmId, change: (keys: readonly SshKey[]) => SshKey[]): Promise<OperationId>;
  /** Runs a command in the guest through the public port, by a private key; held to the host key that was made for it. */
  login(id: VmId, privateKey: string, command: string): Promise<CommandResult>;
  /** The operation, once it has ended. */
  ended(id: OperationId, timeoutMs?: number): Promise<Operation>;
  /** The VMs that run. */
  running(): Promise<readonly VmRecord[]>;
  /** How many jobs wait, run or are to be tried again. */
  unfinishedJobs(): Promise<number>;
  recordOf(id: VmId): Promise<VmRecord>;
  /** Everything in which the host differs from its records. */
  audit(): Promise<Finding[]>;
  /** Fails when anything of any VM is left anywhere. */
  expectNothingHeld(): Promise<void>;
  /** Resolves when the worker in this process has begun and ended another look. */
  anotherLook(): Promise<void>;
  /** All events so far. */
  events(): Promise<readonly ProviderEvent[]>;
  /** Runs the client of Multipass as the operator would, by hand; gives its standard output. */
  byHand(...args: readonly string[]): Promise<string>;
  /** The names of all instances with their states, whatever made them. */
  instances(): Promise<Readonly<Record<string, string>>>;
  dispose(): Promise<void>;
}

/** Makes a bed on an empty Redis; no worker runs yet. */
export async function createWorkerBed(
  server: RedisServer,
  emulator: MultipassEmulator,
  environment: NodeJS.ProcessEnv,
  { maxVms = 10, tuning, settings }: WorkerBedOptions = {},
): Promise<WorkerBed> {
  const run = createCommandRunner(environment);
  const directory = await temporaryDirectory();
  const data = dataDirectory(directory.path);
  await mkdir(data.logs);
  const redis = server.client();
  await redis.flushall();
  const portRange = await freePortSpan(2 * maxVms);
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
    ...settings,
  };
  const children: WorkerChild[] = [];
  const queue = new Queue(redisNames(HOST).operationQueue, { connection: redis, prefix: QUEUE_PREFIX });
  const records = createRecordStore(redis, HOST, systemClock);
  const reports = createReportStore(redis, HOST);
  const resizing = createResizing(records, systemClock);
  const admission = createAdmission(redis, HOST, { maxVms, portRange }, systemClock);
  let worker: Component | undefined;
  let looks = 0;
  const countLooks: FaultPoints = {
    reach(point) {
      if (point === 'look ends') looks += 1;
      tuning?.faults?.reach(point);
    },
  };

  const total = { cpu_cores: 16 * maxVms, memory_gb: 16 * maxVms, storage_gb: 1000 * maxVms };
  await reports.monitor.save(hostSample({ total }), 600_000);

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
  const recordOf = async (id: VmId): Promise<VmRecord> => {
    const vm = await records.getVm(id);
    if (vm === undefined) throw new Error(`${id} has no record`);
    return vm;
  };
  const stop = async (): Promise<void> => {
    await worker?.stop();
    worker = undefined;
  };

  const byHand: WorkerBed['byHand'] = async (...args) => {
    const command = { program: emulator.program, args, timeoutMs: STATE_TIMEOUT_MS };
    const { exitCode, stdout, stderr } = await run(command, { signal: AbortSignal.timeout(STATE_TIMEOUT_MS) });
    if (exitCode !== 0) throw new Error(`multipass ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return stdout;
  };

  return {
    data,
    records,
    reports,
    redis,
    environment: workerEnvironment,
    stop,
    byHand,
    async anotherLook() {
      // The one that is under way may have begun too early.
      const wanted = looks + 2;
      await eventually(() => expect(looks).toBeGreaterThanOrEqual(wanted), STATE_TIMEOUT_MS);
    },
    async events() {
      const entries = await redis.xrange(redisNames(HOST).events, '-', '+');
      return entries.map(([, [, json = '']]) => ProviderEvent.parse(JSON.parse(json)));
    },
    spawn(killAt) {
      const child = spawnWorker(workerEnvironment, directory.path, killAt);
      children.push(child);
      return child;
    },
    async instances() {
      const { list } = Instances.parse(JSON.parse(await byHand('list', '--format', 'json', '--no-ipv4')));
      return Object.fromEntries(list.map(({ name, state }) => [name, state]));
    },
    admit,
    async start(isHealthy = true) {
      // What an earlier worker has said is not waited for.
      await redis.del(redisNames(HOST).reportFresh('worker'));
      const { component } = await createWorkerService(
        {
          environment: workerEnvironment,
          directory: directory.path,
          isTerminal: false,
          pid: process.pid,
        },
        { ...tuning, faults: countLooks },
      );
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
        mayGrow: kind === 'start',
        accept: (vm) => newChange(kind, vm),
      });
      if (operation === undefined) throw new Error(`no ${kind} of ${id}`);
      await enqueue(operation.id, id);
      return operation.id;
    },
    async resize(id, target) {
      const vm = await records.getVm(id);
      const operation = vm && (await resizing.admit(vm, target, null));
      if (operation === undefined) throw new Error(`no resize of ${id}`);
      await enqueue(operation.id, id);
      return operation.id;
    },
    async changeKeys(id, change) {
      const { operation } = await records.update({
        vm: { id, change: (vm) => ({ ...vm, ssh_keys: change(vm.ssh_keys) }) },
        accept: (vm) => newChange('update_keys', vm),
      });
      if (operation === undefined) throw new Error(`no change of the keys of ${id}`);
      await enqueue(operation.id, id);
      return operation.id;
    },
    async login(id, privateKey, command) {
      return sshLogin({ run, directory: directory.path, vm: await recordOf(id), privateKey, command });
    },
    running: async () => (await records.listVms()).filter((vm) => vm.status === 'running'),
    unfinishedJobs: () => queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized'),
    ended: (id, timeoutMs = STATE_TIMEOUT_MS) =>
      eventually(async () => {
        const operation = await records.getOperation(id);
        if (operation !== undefined && isFinished(operation.status)) return operation;
        throw new Error(`${id} is ${JSON.stringify(operation)}`);
      }, timeoutMs),
    recordOf,
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
      expect((await readdir(data.vms)).toSorted()).toEqual(kept.toSorted());
      for (const id of kept)
        await eventually(async () => expect(await readdir(data.vm(id))).toEqual(['manifest.json']), STATE_TIMEOUT_MS);
      // Killed is not gone yet.
      await eventually(async () => expect(await emulator.guestProcesses()).toEqual([]), STATE_TIMEOUT_MS);
    },
    async dispose() {
      await stop();
      for (const child of children) await child.kill();
      await queue.close();
      await stopPrivateNginx(nginxPlaces({}, data), AbortSignal.timeout(20_000));
      await directory.dispose();
    },
  };
}

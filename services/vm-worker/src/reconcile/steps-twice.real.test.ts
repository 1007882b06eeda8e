import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HostId, ImageName, type VmId, VmName } from '@golem-provider/contracts';
import { createLogger, createSeal, dataDirectory, loadSealKey, systemClock } from '@golem-provider/service-kit';
import { createAdmission, createRecordStore, createReportStore, type RecordStore } from '@golem-provider/store';
import {
  freePort,
  hostSample,
  type RedisServer,
  startRedisServer,
  type TemporaryDirectory,
  temporaryDirectory,
  workerReport,
} from '@golem-provider/testing';
import { type CommandRunner, createCommandRunner } from '../exec/command-runner.ts';
import { waitForSshBanner } from '../forwarding/ssh-banner.ts';
import { createForwarderBed, type ForwarderBed } from '../forwarding/testing/forwarder-bed.ts';
import { createMultipassHypervisor } from '../hypervisor/multipass/multipass-hypervisor.ts';
import { MULTIPASS_DEFAULT_IMAGE, MULTIPASS_IMAGES } from '../hypervisor/multipass/multipass-images.ts';
import { createMultipassEmulator, type MultipassEmulator } from '../hypervisor/multipass/testing/emulator-control.ts';
import { createVmKeyStore } from '../keys/vm-key-store.ts';
import type { StepName } from './plan.ts';
import { createSteps, type Step, STEP_PHASES } from './steps.ts';

const TIMEOUT_MS = 120_000;
const HOST = HostId.parse('local');

/** An order in which each step finds what it works on; steps that are not named here come while the machine runs. */
const UP: readonly StepName[] = ['make_keys', 'create_instance', 'start_instance', 'forward_port', 'await_ssh'];
const DOWN: readonly StepName[] = [
  'stop_instance',
  'close_port',
  'delete_instance',
  'remove_files',
  'release',
  'forget',
];
const NAMES = Object.keys(STEP_PHASES).filter((name): name is StepName => name in STEP_PHASES);
const ORDER = [...UP, ...NAMES.filter((name) => ![...UP, ...DOWN].includes(name)), ...DOWN];

/** Commands that change nothing; the last is a launch that cannot succeed, by which a name is asked for. */
const READS = /^(?:list|info|version|get) |^launch file:\/\/\/nonexistent\//;

let server: RedisServer;
let emulator: MultipassEmulator;
let proxy: ForwarderBed;
let directory: TemporaryDirectory;
let records: RecordStore;
let steps: Readonly<Record<StepName, Step>>;
let id: VmId;
const commands: string[] = [];

beforeAll(async () => {
  [server, emulator, proxy, directory] = await Promise.all([
    startRedisServer(),
    createMultipassEmulator(process.env),
    createForwarderBed(process.env),
    temporaryDirectory(),
  ]);
  await emulator.configure({ downloadMs: 0, prepareMs: 20, bootMs: 50, cloudInitMs: 20, shutdownMs: 20 });
  await emulator.startDaemon();
  const data = dataDirectory(directory.path);
  await mkdir(data.vms, { recursive: true });
  const redis = server.client();
  records = createRecordStore(redis, HOST, systemClock);
  const reports = createReportStore(redis, HOST);
  await reports.monitor.save(hostSample(), 600_000);
  await reports.worker.save(workerReport(), 600_000);
  const start = await freePort();
  const portRange = { start, end: Math.min(start + 20, 65_535) };
  const run = createCommandRunner(process.env);
  const recorded: CommandRunner = (command, context) => {
    commands.push(command.args.join(' '));
    return run(command, context);
  };
  const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
  steps = createSteps({
    records,
    hypervisor: createMultipassHypervisor({
      run: recorded,
      program: emulator.program,
      images: MULTIPASS_IMAGES,
      defaultImage: MULTIPASS_DEFAULT_IMAGE,
      clock: systemClock,
      logger,
      timing: { launchMs: 30_000 },
    }),
    forwarder: proxy.forwarder,
    keys: createVmKeyStore(data, createSeal(await loadSealKey(data.sealKey))),
    async awaitSsh(host, port, signal) {
      await waitForSshBanner(host, port, { signal, intervalMs: 50 });
    },
    portRange,
    launchTimeoutMs: 30_000,
  });
  const { vmId } = await createAdmission(redis, HOST, { maxVms: 3, portRange }, systemClock).admit({
    name: VmName.parse('web'),
    spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
    size: null,
    image: ImageName.parse('ubuntu:24.04'),
    sshKey: null,
    streamId: null,
    requestId: null,
  });
  id = vmId;
}, TIMEOUT_MS);
afterAll(async () => {
  await proxy.dispose();
  await emulator.dispose();
  await server.stop();
  await directory.dispose();
}, TIMEOUT_MS);

/** Everything that a step could change. */
async function everything(): Promise<unknown> {
  return {
    record: await records.getVm(id),
    reservations: await records.listReservations(),
    guests: await emulator.guestProcesses(),
    forwards: await proxy.forwarder.list(),
    reloads: await proxy.reloads().catch(() => 0),
    keys: await readdir(join(directory.path, 'vms'), { recursive: true }),
  };
}

describe('a step that is run twice', () => {
  it.each(ORDER)(
    '%s changes nothing the second time',
    async (name) => {
      const context = { id, signal: AbortSignal.timeout(TIMEOUT_MS), onProgress: () => undefined };
      await steps[name](context);
      const before = await everything();
      commands.length = 0;

      await steps[name](context);

      expect(await everything()).toEqual(before);
      expect(commands.filter((command) => !READS.test(command))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

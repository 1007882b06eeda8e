import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HostId, ImageName, SshPublicKey, type VmId, VmName, type VmRecord } from '@golem-provider/contracts';
import { createLogger, createSeal, dataDirectory, loadSealKey, systemClock } from '@golem-provider/service-kit';
import {
  type Change,
  createAdmission,
  createRecordStore,
  createReportStore,
  createResizing,
  type RecordStore,
  type Resizing,
  type Update,
} from '@golem-provider/store';
import {
  eventually,
  freePortSpan,
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
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import { createMultipassHypervisor } from '../hypervisor/multipass/multipass-hypervisor.ts';
import { MULTIPASS_DEFAULT_IMAGE, MULTIPASS_IMAGES } from '../hypervisor/multipass/multipass-images.ts';
import { createMultipassEmulator, type MultipassEmulator } from '../hypervisor/multipass/testing/emulator-control.ts';
import { createVmKeyStore } from '../keys/vm-key-store.ts';
import { createManifestKeeper } from '../manifest/manifest-keeper.ts';
import { createManifestStore } from '../manifest/manifest-store.ts';
import type { StepName } from './plan.ts';
import { createSteps, type Step, STEP_PHASES } from './steps.ts';

const TIMEOUT_MS = 120_000;
const HOST = HostId.parse('local');

/** An order in which each step finds what it works on. */
const UP: readonly StepName[] = ['make_keys', 'create_instance', 'start_instance', 'forward_port', 'await_ssh'];
const CHANGES: readonly StepName[] = ['apply_keys', 'stop_instance', 'resize_instance', 'adopt_spec'];
const DOWN: readonly StepName[] = ['close_port', 'delete_instance', 'remove_files', 'release', 'forget'];
const ORDER = [...UP, ...CHANGES, ...DOWN];
const SMALL = { cpu_cores: 1, memory_gb: 1, storage_gb: 10 };
const KEY = SshPublicKey.parse('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl');
const LARGE = { cpu_cores: 2, memory_gb: 2, storage_gb: 20 };

/** Commands that change nothing; others do not when Multipass refuses them. */
const READS = /^(?:list|info|version|get) /;

let server: RedisServer;
let emulator: MultipassEmulator;
let proxy: ForwarderBed;
let directory: TemporaryDirectory;
let records: RecordStore;
let resizing: Resizing;
let hypervisor: Hypervisor;
let steps: Readonly<Record<StepName, Step>>;
let id: VmId;
/** Those that Multipass did not refuse. */
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
  const portRange = await freePortSpan(20);
  const run = createCommandRunner(process.env);
  const recorded: CommandRunner = async (command, context) => {
    const result = await run(command, context);
    if (result.exitCode === 0) commands.push(command.args.join(' '));
    return result;
  };
  const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
  resizing = createResizing(records, systemClock);
  const manifests = createManifestStore(data, HOST, () => undefined);
  hypervisor = createMultipassHypervisor({
    run: recorded,
    program: emulator.program,
    images: MULTIPASS_IMAGES,
    defaultImage: MULTIPASS_DEFAULT_IMAGE,
    clock: systemClock,
    logger,
    timing: { launchMs: 30_000 },
  });
  steps = createSteps({
    records,
    resizing,
    hypervisor,
    forwarder: proxy.forwarder,
    areMoreExpected: () => false,
    keys: createVmKeyStore(data, createSeal(await loadSealKey(data.sealKey))),
    manifests: createManifestKeeper({ manifests, records, onWritten: () => undefined, logger }),
    mends: { tell: () => Promise.resolve() },
    logger,
    async awaitSsh(host, port, signal) {
      await waitForSshBanner(host, port, { signal, intervalMs: 50 });
    },
    portRange,
    launchTimeoutMs: 30_000,
  });
  const { vmId } = await createAdmission(redis, HOST, { maxVms: 3, portRange }, systemClock).admit({
    name: VmName.parse('web'),
    spec: SMALL,
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

/** Resolves when the host has the processes of the guest while it is on, and none of one that was killed. */
async function untilPowerShows(): Promise<void> {
  const { power } = await hypervisor.observe(id, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await eventually(async () => expect((await emulator.guestProcesses()).length > 0).toBe(power === 'running'));
}

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

/** What the record has to wish so that the step has something to do. */
const WISHES: Partial<Record<StepName, Pick<Update, 'mayGrow'> & { change: Change<VmRecord> }>> = {
  apply_keys: { change: (vm) => ({ ...vm, ssh_keys: [{ name: 'a', key: KEY, state: 'adding' }] }) },
  resize_instance: { change: (vm) => ({ ...vm, resize: { target: LARGE, state: 'wanted' } }), mayGrow: true },
  adopt_spec: { change: (vm) => ({ ...vm, spec: SMALL, resize: { target: LARGE, state: 'abandoned' } }) },
};

describe('a step that is run twice', () => {
  it('is every step', () => expect([...ORDER].sort()).toEqual(Object.keys(STEP_PHASES).sort()));

  it.each(ORDER)(
    '%s changes nothing the second time',
    async (name) => {
      const context = { id, signal: AbortSignal.timeout(TIMEOUT_MS), onProgress: () => undefined };
      const wish = WISHES[name];
      if (wish !== undefined) await records.update({ vm: { id, change: wish.change }, mayGrow: wish.mayGrow === true });
      await steps[name](context);
      await untilPowerShows();
      const before = await everything();
      commands.length = 0;

      await steps[name](context);

      expect(await everything()).toEqual(before);
      expect(commands.filter((command) => !READS.test(command))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

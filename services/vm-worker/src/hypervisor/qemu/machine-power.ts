import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestNetwork, Settings, VmId } from '@golem-provider/contracts';
import { AppError, type DataDirectory, errorChain, isAppError, pause, withDeadline } from '@golem-provider/service-kit';
import { cleanWords, fileFailure } from '../../exec/run-tool.ts';
import { readDescription } from '../../images/image-description.ts';
import { withDeviceGroup } from './acceleration.ts';
import { handOver, imagePath } from './instance-builder.ts';
import { INSTANCE_FILES, type InstanceDescription, type InstanceFiles } from './instance-files.ts';
import { chooseLoopbackPort } from './loopback-port.ts';
import type { MachineMonitor } from './machine-monitor.ts';
import type { MachineProcesses } from './machine-processes.ts';
import type { ProcessRef } from './process-table.ts';
import { type DirectBoot, machineArguments } from './qemu-command.ts';
import type { QemuHostFacts } from './qemu-host.ts';
import { guestUid } from './qemu-identity.ts';
import { type ExitCode, startQemu } from './qemu-process.ts';
import { QmpFailure } from './qmp-client.ts';

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 100;
const KILL_TIMEOUT_MS = 15_000;
const QUIT_TIMEOUT_MS = 5000;
/** The power button is pressed again and again: nobody listens to it while a guest boots. */
const POWER_BUTTON_PAUSE_MS = 4000;
const POWER_BUTTON_PRESSES = 15;
/** Another program can take a port between our look and QEMU's. */
const MAX_PORT_TRIES = 3;

/** What switching machines on and off works with. */
export interface MachinePowerDeps {
  readonly data: DataDirectory;
  readonly files: InstanceFiles;
  readonly processes: MachineProcesses;
  readonly monitor: MachineMonitor;
  readonly settings: Pick<Settings, 'PORT_RANGE_START' | 'PORT_RANGE_END'>;
  readonly environment: NodeJS.ProcessEnv;
}

/** What a machine is started with. */
export interface StartConditions {
  readonly facts: QemuHostFacts;
  readonly guestNetwork: GuestNetwork;
}

/** Switches machines on and off. */
export interface MachinePower {
  /** Resolves when QEMU runs and answers. */
  powerOn(description: InstanceDescription, conditions: StartConditions, signal: AbortSignal): Promise<void>;
  /** Resumes a machine that is paused; resolves when it runs. */
  resume(id: VmId, signal: AbortSignal): Promise<void>;
  /** Lets the guest shut down for a minute, unless forced; then ends its QEMU. Resolves when the process has ended. */
  powerOff(id: VmId, ref: ProcessRef, isForced: boolean, signal: AbortSignal): Promise<void>;
}

/** The failure of a QEMU that ended instead of running a machine, with its own words. */
function earlyExit(id: VmId, exitCode: ExitCode, words: string): AppError {
  const end = exitCode === null ? 'ended by a signal' : `ended with ${exitCode}`;
  return new AppError('HYPERVISOR_FAILED', `starting ${id}: QEMU ${end}: ${words}`, {
    publicDetail: words === '' ? `QEMU ${end}.` : cleanWords(words),
  });
}

/** See `MachinePower`. */
export function createMachinePower(deps: MachinePowerDeps): MachinePower {
  const { data, files, processes, monitor, settings } = deps;

  const directBoot = async ({ image, image_directory }: InstanceDescription): Promise<DirectBoot | null> => {
    const unavailable = (cause: unknown): AppError =>
      new AppError('IMAGE_UNAVAILABLE', `reading the image ${image}`, {
        cause,
        publicDetail: `The image ${image} of the VM is missing on the host.`,
      });
    const description = await readDescription(join(data.images, image_directory)).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (description === undefined) throw unavailable(undefined);
    const { kernel, initrd, kernel_arguments: kernelArguments } = description;
    if (kernel === undefined || kernelArguments === undefined) return null;
    const inImage = (file: string): string => imagePath(image_directory, file);
    return {
      kernel: inImage(kernel),
      initrd: initrd === undefined ? undefined : inImage(initrd),
      kernelArguments,
    };
  };

  const choosePort = async (id: VmId, isFirstTry: boolean): Promise<number> => {
    const others = (await files.ids()).filter((other) => other !== id);
    const networks = await Promise.all(others.map((other) => files.network(other)));
    const preferred = isFirstTry ? (await files.network(id))?.ssh_port : undefined;
    const port = await chooseLoopbackPort(preferred, {
      publicRange: { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END },
      taken: new Set(networks.flatMap((network) => network?.ssh_port ?? [])),
    });
    const path = join(files.path(id), INSTANCE_FILES.network);
    await writeFile(`${path}.new`, JSON.stringify({ ssh_port: port }), { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
    return port;
  };

  /** Resolves when QEMU answers; rejects when it ends, or has not answered in time. */
  const untilReady = async (id: VmId, exited: Promise<ExitCode>, logPath: string, signal: AbortSignal) => {
    const ended: { code?: ExitCode } = {};
    void exited.then((code) => (ended.code = code));
    const deadline = withDeadline(signal, READY_TIMEOUT_MS);
    for (;;) {
      try {
        return await monitor.runState(id, deadline);
      } catch (error) {
        signal.throwIfAborted();
        if (ended.code !== undefined) throw earlyExit(id, ended.code, (await readFile(logPath, 'utf8')).trim());
        if (deadline.aborted) throw new AppError('HYPERVISOR_TIMEOUT', `starting ${id}`, { cause: error });
        if (!(error instanceof QmpFailure)) throw error;
      }
      await pause(READY_POLL_MS, signal);
    }
  };

  const end = async (id: VmId, ref: ProcessRef, signal: AbortSignal): Promise<void> => {
    await processes.kill(ref);
    if (await processes.hasExitedWithin(ref, KILL_TIMEOUT_MS, signal)) return;
    throw new AppError('HYPERVISOR_TIMEOUT', `ending the QEMU of ${id}: it did not end when killed`);
  };

  const tryStart = async (
    description: InstanceDescription,
    { facts, guestNetwork }: StartConditions,
    sshPort: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const { id, spec } = description;
    const directory = files.path(id);
    const logPath = join(directory, INSTANCE_FILES.log);
    const uid = description.uid ?? guestUid(id);
    const user = withDeviceGroup(facts.hasOwnUsers ? { uid, gid: uid } : null, facts.acceleration);
    await handOver(directory, user);
    await rm(join(directory, INSTANCE_FILES.run, INSTANCE_FILES.qmpSocket), { force: true });
    const args = machineArguments({
      id,
      uuid: await processes.uuidOf(id),
      spec,
      acceleration: facts.acceleration.acceleration,
      guestNetwork,
      sshPort,
      directBoot: await directBoot(description),
    });
    const started = await startQemu({ args, directory, user, environment: deps.environment }, logPath);
    try {
      await untilReady(id, started.exited, logPath, signal);
    } catch (error) {
      // An abort leaves it running, as it would be found at the next start; a failure does not.
      if (!signal.aborted && started.ref !== undefined) await end(id, started.ref, signal);
      throw error;
    }
  };

  const quit = async (id: VmId, ref: ProcessRef, signal: AbortSignal): Promise<boolean> => {
    try {
      await monitor.quit(id, withDeadline(signal, QUIT_TIMEOUT_MS));
    } catch {
      // It does not answer: it is killed next.
      signal.throwIfAborted();
      return false;
    }
    return processes.hasExitedWithin(ref, QUIT_TIMEOUT_MS, signal);
  };

  const shutDown = async (id: VmId, ref: ProcessRef, signal: AbortSignal): Promise<boolean> => {
    for (let press = 0; press < POWER_BUTTON_PRESSES; press += 1) {
      try {
        const state = await monitor.runState(id, signal);
        if (state === 'paused' || state === 'suspended') await monitor.resume(id, signal);
        else if (state !== 'running' && state !== 'shutdown') return false;
        await monitor.powerDown(id, signal);
      } catch (error) {
        // It may just be ending, or be too busy; either shows below.
        if (!(error instanceof QmpFailure)) throw error;
      }
      if (await processes.hasExitedWithin(ref, POWER_BUTTON_PAUSE_MS, signal)) return true;
    }
    return false;
  };

  return {
    async powerOn(description, conditions, signal) {
      const { id } = description;
      for (let tries = 1; ; tries += 1) {
        try {
          await tryStart(description, conditions, await choosePort(id, tries === 1), signal);
          return;
        } catch (error) {
          signal.throwIfAborted();
          const isPortGone = isAppError(error) && error.message.includes('host forwarding rule');
          if (isPortGone && tries < MAX_PORT_TRIES) continue;
          throw isAppError(error) ? error : fileFailure(error, `starting ${id}: ${errorChain(error)}`);
        }
      }
    },
    async resume(id, signal) {
      await monitor.resume(id, signal);
    },
    async powerOff(id, ref, isForced, signal) {
      if (!isForced && (await shutDown(id, ref, signal))) return;
      if (await quit(id, ref, signal)) return;
      await end(id, ref, signal);
    },
  };
}

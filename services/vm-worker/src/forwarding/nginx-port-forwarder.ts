import { mkdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Settings } from '@golem-provider/contracts';
import {
  AppError,
  type Clock,
  type DataDirectory,
  expandPath,
  isAppError,
  type Logger,
} from '@golem-provider/service-kit';
import type { CommandRunner } from '../exec/command-runner.ts';
import { createForwardDirectory } from './forward-directory.ts';
import { ACCESS_LOG, ERROR_LOG, parseForwardFile } from './forward-file.ts';
import { type ForwardChange, runForwardTransaction } from './forward-transaction.ts';
import { rotateLogs } from './log-files.ts';
import { createManagedNginx } from './managed-nginx.ts';
import type { NginxControl } from './nginx-control.ts';
import type { NginxInstallation, NginxPlaces } from './nginx-installation.ts';
import { findNginx } from './nginx-program.ts';
import type { ForwardOutcome, PortForward, PortForwarder } from './port-forwarder.ts';
import { hasIpv6 } from './port-probe.ts';
import { createReloadPace } from './reload-pace.ts';
import { createPrivateNginx } from './private-nginx.ts';
import { createBatcher, type Settled } from '../exec/batcher.ts';

const GATHER_MS = 5;
const BATCH_TIMEOUT_MS = 90_000;
const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** Where the settings put the proxy's files. */
export function nginxPlaces(
  settings: Pick<Settings, 'NGINX_DIR' | 'NGINX_CONFIG_DIR'>,
  data: Pick<DataDirectory, 'nginx' | 'logs'>,
): NginxPlaces {
  const { NGINX_DIR: installation, NGINX_CONFIG_DIR: config } = settings;
  const directory = installation === undefined ? undefined : expandPath(installation);
  const standard = directory === undefined ? join(data.nginx, 'vms') : join(directory, 'golem.d');
  return {
    installation: directory,
    configDirectory: config === undefined ? standard : expandPath(config),
    privatePrefix: data.nginx,
    logDirectory: data.logs,
  };
}

/** What the forwarder is built from. */
export interface NginxPortForwarderDeps {
  readonly run: CommandRunner;
  readonly logger: Logger;
  readonly places: NginxPlaces;
  readonly clock: Pick<Clock, 'elapsed'>;
  /** A value as of `PATH`: where nginx is looked for first. */
  readonly searchPath: string;
  /** Puts something around the control of nginx, such as what measures it. */
  readonly wrapControl?: (control: NginxControl) => NginxControl;
}

/**
 * The `PortForwarder` over nginx's stream proxy. Nothing is touched before the first call. Changes that come together, or
 * while a reload is under way, share one reload; those that may wait share it with more.
 */
export function createNginxPortForwarder(deps: NginxPortForwarderDeps): PortForwarder {
  const { run, logger, places, searchPath, wrapControl } = deps;
  const { installation: managedDirectory, configDirectory, logDirectory } = places;
  const directory = createForwardDirectory(configDirectory);
  const pace = createReloadPace(deps.clock);
  const logs = [ACCESS_LOG, ERROR_LOG].map((name) => join(logDirectory, name));
  let installation: NginxInstallation | undefined;
  // A worker that was killed between writing a file and the reload leaves no other trace than that it is new.
  let isServed = false;

  const findInstallation = async (signal: AbortSignal): Promise<NginxInstallation> => {
    const program = await findNginx(run, searchPath, signal);
    logger.debug({ version: program.build.version }, 'found nginx');
    const found =
      managedDirectory === undefined
        ? createPrivateNginx(program, places)
        : await createManagedNginx(program, { directory: managedDirectory, configDirectory });
    return wrapControl === undefined ? found : { ...found, control: wrapControl(found.control) };
  };
  const runBatch = async (changes: readonly ForwardChange[]): Promise<Settled<ForwardOutcome>[]> => {
    const signal = AbortSignal.timeout(BATCH_TIMEOUT_MS);
    let isStale = !isServed;
    if (changes.some(({ kind }) => kind === 'forward')) pace.began();
    isServed = false;
    try {
      installation ??= await findInstallation(signal);
      await mkdir(logDirectory, { recursive: true });
      if (await rotateLogs(logs, MAX_LOG_BYTES)) isStale = true;
      const fileOptions = { logDirectory, hasIpv6: await hasIpv6() };
      const parts = { installation, directory, fileOptions, logger, isStale };
      const results = await runForwardTransaction(changes, parts, signal);
      isServed = true;
      return results;
    } catch (error) {
      if (isAppError(error)) throw error;
      throw new AppError('PROXY_FAILED', 'changing the ssh proxy', { cause: error });
    }
  };
  const keyOf = (change: ForwardChange): string | undefined => {
    if (change.kind === 'ensure') return undefined;
    return change.kind === 'remove' ? change.vmId : change.forward.vmId;
  };
  const batcher = createBatcher({ gatherMs: GATHER_MS, keyOf, run: runBatch, schedule: setTimeout });

  return {
    async ensureRunning({ signal }) {
      await batcher.submit({ kind: 'ensure' }, signal);
    },
    async list() {
      const forwards = [...(await directory.read())].flatMap(([name, text]) => parseForwardFile(name, text) ?? []);
      return new Map(forwards.map((forward): [PortForward['vmId'], PortForward] => [forward.vmId, forward]));
    },
    async forward(forward, { signal, mayWait = false }) {
      if (isIP(forward.target.host) === 0) {
        throw new AppError('PROXY_FAILED', `the target ${JSON.stringify(forward.target.host)} is no IP address`, {
          retryable: false,
        });
      }
      if (mayWait) await pace.turn(signal);
      else pace.hurry();
      return batcher.submit({ kind: 'forward', forward }, signal);
    },
    async remove(vmId, { signal }) {
      pace.hurry();
      await batcher.submit({ kind: 'remove', vmId }, signal);
    },
  };
}

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isDeadline, pause, withDeadline } from '@golem-provider/service-kit';
import { replaceFile } from './forward-directory.ts';
import { ERROR_LOG } from './forward-file.ts';
import { createNginxControl, type NginxIdentity } from './nginx-control.ts';
import type { NginxInstallation, NginxPlaces } from './nginx-installation.ts';
import { listeningOf, mastersTitled, signalProcess, workersHolding, workersOf } from './nginx-process.ts';
import type { NginxProgram } from './nginx-program.ts';
import { chooseWorkerUser, renderPrivateConf, type WorkerUser } from './private-conf.ts';

const RETIRE_TIMEOUT_MS = 5000;
const STOP_TIMEOUT_MS = 10_000;
const LOOK_INTERVAL_MS = 25;

type PrivatePlaces = Pick<NginxPlaces, 'privatePrefix' | 'logDirectory'>;

function identify({ privatePrefix, logDirectory }: PrivatePlaces): NginxIdentity & { readonly conf: string } {
  const conf = join(privatePrefix, 'nginx.conf');
  return {
    conf,
    args: ['-c', conf, '-p', privatePrefix],
    pidFile: join(privatePrefix, 'nginx.pid'),
    errorLog: join(logDirectory, ERROR_LOG),
    isOurs: (title) => title.includes(` -c ${conf} `),
  };
}

async function workerUser(): Promise<WorkerUser | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  return chooseWorkerUser(await readFile('/etc/passwd', 'utf8'), await readFile('/etc/group', 'utf8'));
}

async function until(isSo: () => Promise<boolean>, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const limited = withDeadline(signal, timeoutMs);
  while (!(await isSo())) {
    try {
      await pause(LOOK_INTERVAL_MS, limited);
    } catch (error) {
      if (signal.aborted || !isDeadline(limited)) throw error;
      return false;
    }
  }
  return true;
}

/** The nginx that is ours alone, under the data directory. */
export function createPrivateNginx(program: NginxProgram, places: NginxPlaces): NginxInstallation {
  const identity = identify(places);
  const { conf, pidFile } = identity;
  const log = join(places.logDirectory, ERROR_LOG);
  const current = async (): Promise<string | undefined> => {
    try {
      return await readFile(conf, 'utf8');
    } catch {
      // Whatever is wrong with it, it is written anew.
      return undefined;
    }
  };
  return {
    control: createNginxControl(program, identity),
    isPrivate: true,
    async prepare() {
      for (const directory of [places.privatePrefix, places.logDirectory]) await mkdir(directory, { recursive: true });
      const { configDirectory, logDirectory } = places;
      const streamModule = program.build.stream === 'dynamic' ? program.build.streamModule : undefined;
      const user = await workerUser();
      const text = renderPrivateConf({ pidFile, logDirectory, configDirectory, streamModule, user });
      if ((await current()) === text) return false;
      await replaceFile(conf, text, 0o644);
      return true;
    },
    async prepareStart(signal) {
      for (const master of await mastersTitled(identity.isOurs)) {
        if ((await workersOf(master)).active.length === 0) continue;
        // It runs all the same; its pid file was lost, without which it cannot be told anything.
        await replaceFile(pidFile, `${master}\n`, 0o644);
        return;
      }
      // Workers whose master was killed go on and hold the ports. They are retired; their sessions go on.
      const isRetired = async (): Promise<boolean> => {
        const { active, leaving } = await workersHolding(log);
        // Again at each look: one that was just being made by its master says only now that it is a worker.
        for (const worker of active) signalProcess(worker, 'SIGQUIT');
        // A worker says that it is leaving a moment before it lets go of its ports.
        const held = await Promise.all(leaving.map(listeningOf));
        return active.length === 0 && held.every((sockets) => sockets.length === 0);
      };
      if (await until(isRetired, RETIRE_TIMEOUT_MS, signal)) return;
      throw new AppError('PROXY_FAILED', 'workers of an earlier nginx do not let go of their ports');
    },
  };
}

/**
 * Ends the private nginx and every session through it. Resolves with whether one ran.
 *
 * @throws AppError `PROXY_FAILED` when it does not end.
 */
export async function stopPrivateNginx(places: PrivatePlaces, signal: AbortSignal): Promise<boolean> {
  const { isOurs } = identify(places);
  const log = join(places.logDirectory, ERROR_LOG);
  const remaining = async (): Promise<number[]> => {
    const { active, leaving } = await workersHolding(log);
    return [...(await mastersTitled(isOurs)), ...active, ...leaving];
  };
  const found = await remaining();
  for (const pid of found) signalProcess(pid, 'SIGTERM');
  if (await until(async () => (await remaining()).length === 0, STOP_TIMEOUT_MS, signal)) return found.length > 0;
  throw new AppError('PROXY_FAILED', `the private nginx does not end within ${STOP_TIMEOUT_MS / 1000} s`);
}

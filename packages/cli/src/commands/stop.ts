import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@golem-provider/contracts';
import {
  createLogger,
  type DataDirectory,
  dataDirectory,
  loadSettings,
  loggerOptions,
  signalProcess,
  waitForEnd,
} from '@golem-provider/service-kit';
import { isDataDirectory } from '../data/prepare-data-directory.ts';
import { runAttached } from '../exec/run-attached.ts';
import { claim, claimHolder, ClaimedError } from '../supervisor/claim.ts';
import { endLeftovers } from '../supervisor/leftovers.ts';
import { CommandError, type CommandContext } from './command-context.ts';

/** The services, discovery and Redis, one after the other, each as slow as it may be. */
const SUPERVISOR_STOP_TIMEOUT_MS = 240_000;
const VMS_STOP_TIMEOUT_MS = 15 * 60_000;

/** What is done about the VMs. */
export type VmWish = 'keep' | 'stop' | 'remove';

/** Asks a running supervisor to stop and waits until it has. */
async function stopSupervisor(data: DataDirectory, { write, signal }: CommandContext): Promise<void> {
  const found = claimHolder(data.supervisor);
  if (found === undefined) {
    write('The provider is not running.\n');
    return;
  }
  if (found.purpose === 'stop') throw new ClaimedError({ ...found, processes: {} });
  const { holder } = found;
  write(`Stopping the provider (process ${holder.pid})...\n`);
  signalProcess(holder, 'SIGTERM');
  if (!(await waitForEnd(holder, SUPERVISOR_STOP_TIMEOUT_MS, signal))) {
    throw new CommandError(`The provider (process ${holder.pid}) still runs; its log is in ${data.logs}.`);
  }
  write('The provider is stopped.\n');
}

/** Has the worker's own program stop or remove all VMs; it needs no Redis. */
async function endVms(context: CommandContext, settings: Settings, wish: Exclude<VmWish, 'keep'>): Promise<void> {
  const code = await runAttached({
    entry: join(context.root, 'services/vm-worker/dist/stop-vms.js'),
    args: wish === 'remove' ? ['--purge'] : [],
    env: { ...context.environment, GOLEM_PROVIDER_DATA_DIR: settings.DATA_DIR },
    cwd: context.cwd,
    timeoutMs: VMS_STOP_TIMEOUT_MS,
    signal: context.signal,
  });
  context.signal.throwIfAborted();
  if (code !== 0) throw new CommandError('Not all VMs could be stopped; the lines above say why.', code);
}

/**
 * Stops the provider, also one whose supervisor was killed; then whatever is wished for the VMs, then `finish`, all before
 * another start can begin.
 *
 * @throws CommandError, ClaimedError when something still runs.
 */
export async function stopProvider(
  context: CommandContext,
  wish: VmWish,
  finish: (data: DataDirectory) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const settings = loadSettings(context.environment, context.cwd);
  const data = dataDirectory(settings.DATA_DIR);
  if (!existsSync(data.root)) {
    context.write(`There is nothing at ${data.root}.\n`);
    return;
  }
  if (!isDataDirectory(data.root)) {
    throw new CommandError(`GOLEM_PROVIDER_DATA_DIR: ${data.root} is not a data directory of the provider.`);
  }
  await stopSupervisor(data, context);
  const held = claim(data.supervisor, 'stop');
  try {
    const options = loggerOptions('stop', settings, true);
    const logger = createLogger({ ...options, level: settings.LOG_LEVEL ?? 'warn' });
    await endLeftovers(held.leftovers, logger);
    if (wish !== 'keep') await endVms(context, settings, wish);
    await finish(data);
  } finally {
    held.release();
  }
}

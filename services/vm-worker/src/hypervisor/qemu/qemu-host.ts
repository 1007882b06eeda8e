import { mkdir, stat, chmod } from 'node:fs/promises';
import { GUEST_UIDS } from '@golem-provider/contracts';
import { AppError, type DataDirectory, errorChain, type Logger } from '@golem-provider/service-kit';
import type { CommandRunner } from '../../exec/command-runner.ts';
import { findProgram } from '../../exec/find-program.ts';
import { runTool } from '../../exec/run-tool.ts';
import { type AccelerationFacts, findAcceleration } from './acceleration.ts';
import { QEMU_PROGRAM } from './qemu-command.ts';
import { runQemu } from './qemu-process.ts';
import { ISO_PROGRAMS } from './seed.ts';

/** What was found out about this host. */
export interface QemuHostFacts {
  readonly version: string;
  readonly acceleration: AccelerationFacts;
  /** Whether each machine's QEMU runs under a user of its own. */
  readonly hasOwnUsers: boolean;
}

/** What it takes to find that out. */
export interface QemuHostDeps {
  readonly data: DataDirectory;
  readonly run: CommandRunner;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

const VERSION_TIMEOUT_MS = 10_000;

/** The version in what `--version` prints. */
export function parseQemuVersion(text: string): string {
  return /QEMU emulator version (\S+)/.exec(text)?.[1] ?? 'unknown';
}

/** Lets every user walk through a directory of ours without listing it; makes it if need be. */
export async function makeTraversable(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const mode = (await stat(directory)).mode & 0o7777;
  if ((mode & 0o011) !== 0o011) await chmod(directory, mode | 0o011);
}

async function checkPrograms(searchPath: string): Promise<void> {
  const missing: string[] = [];
  for (const choices of [[QEMU_PROGRAM], ['qemu-img'], ['ssh'], ISO_PROGRAMS.map(({ program }) => program)]) {
    const found = await Promise.all(choices.map((program) => findProgram(program, searchPath)));
    if (found.every((path) => path === undefined)) missing.push(choices.join(' or '));
  }
  if (missing.length === 0) return;
  throw new AppError('HYPERVISOR_UNAVAILABLE', `looking for QEMU: not installed: ${missing.join(', ')}`);
}

/**
 * Whether QEMU can be run under other users: only root can, and not in a container that maps too few of them. Tried, as no
 * rule tells.
 */
async function canSwitchUser({ data, environment, logger }: QemuHostDeps, signal: AbortSignal): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const user = { uid: GUEST_UIDS.last, gid: GUEST_UIDS.last };
  try {
    const start = { args: ['--version'], directory: data.instances, user, environment };
    if ((await runQemu(start, VERSION_TIMEOUT_MS, signal)) === 0) return true;
    logger.warn('QEMU runs as root: it does not work under a user of its own');
  } catch (error) {
    signal.throwIfAborted();
    logger.warn({ reason: errorChain(error) }, 'QEMU runs as root: it cannot be given a user of its own');
  }
  return false;
}

/**
 * Finds out what this host can do, and prepares the directories.
 *
 * @throws AppError `HYPERVISOR_UNAVAILABLE` with what is missing.
 */
export async function inspectHost(deps: QemuHostDeps, signal: AbortSignal): Promise<QemuHostFacts> {
  const { data, run, environment } = deps;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new AppError('HYPERVISOR_UNAVAILABLE', `QEMU is supported on Linux on x86_64, not on ${process.platform}`);
  await checkPrograms(environment['PATH'] ?? '');
  try {
    for (const directory of [data.root, data.instances, data.images]) await makeTraversable(directory);
  } catch (cause) {
    throw new AppError('HYPERVISOR_UNAVAILABLE', 'preparing the data directory', { cause });
  }
  const command = { program: QEMU_PROGRAM, args: ['--version'], timeoutMs: VERSION_TIMEOUT_MS };
  const { stdout } = await runTool(run, command, 'asking QEMU for its version', signal);
  const version = parseQemuVersion(stdout);
  const hasOwnUsers = await canSwitchUser(deps, signal);
  const acceleration = await findAcceleration(
    {
      workDirectory: data.instances,
      cacheFile: data.acceleration,
      hasOwnUsers,
      environment,
      logger: deps.logger,
    },
    version,
    signal,
  );
  return { version, acceleration, hasOwnUsers };
}

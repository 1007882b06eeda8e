import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { AppError } from '@golem-provider/service-kit';
import { CommandFailure, type CommandResult, type CommandRunner } from '../exec/command-runner.ts';
import { findProgram } from '../exec/find-program.ts';
import { type NginxBuild, parseNginxBuild } from './nginx-build.ts';
import { type NginxRefusal, parseRefusal } from './nginx-refusal.ts';

const TIMEOUT_MS = 20_000;
// An unprivileged user's PATH often lacks them.
const FALLBACK_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/nginx/sbin'];

/** How a call of nginx ended: what it printed, and why it refused if it did. */
export interface NginxAnswer {
  readonly stdout: string;
  readonly refusal: NginxRefusal | undefined;
}

/** The nginx program of this host. Its methods throw AppError `PROXY_FAILED` when it gives no answer. */
export interface NginxProgram {
  readonly build: NginxBuild;
  call(args: readonly string[], signal: AbortSignal): Promise<NginxAnswer>;
}

async function locate(searchPath: string): Promise<string> {
  const program = await findProgram('nginx', [searchPath, ...FALLBACK_DIRECTORIES].join(delimiter));
  if (program !== undefined) return program;
  throw new AppError('PROXY_FAILED', 'nginx is not installed: it is neither in PATH nor in /usr/sbin', {
    publicDetail: 'nginx is not installed on the host',
  });
}

/**
 * Finds nginx in `searchPath` (a value as of `PATH`) or where systems put it, and asks what it was built with.
 *
 * @throws AppError `PROXY_FAILED` when there is none, or when it cannot forward TCP.
 */
export async function findNginx(run: CommandRunner, searchPath: string, signal: AbortSignal): Promise<NginxProgram> {
  const program = await locate(searchPath);
  const execute = async (args: readonly string[], callSignal: AbortSignal): Promise<CommandResult> => {
    try {
      return await run({ program, args, timeoutMs: TIMEOUT_MS }, { signal: callSignal });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      throw new AppError('PROXY_FAILED', 'calling nginx', {
        cause: error,
        publicDetail: error.reason === 'timed_out' ? 'nginx did not answer in time' : 'nginx could not be run',
      });
    }
  };
  const build = parseNginxBuild((await execute(['-V'], signal)).stderr);
  if (build.stream === 'absent') {
    throw new AppError('PROXY_FAILED', `nginx at ${program} was built without the stream module`, {
      publicDetail: 'the nginx of the host lacks the stream module',
    });
  }
  if (build.stream === 'dynamic') {
    try {
      await access(build.streamModule, constants.R_OK);
    } catch (error) {
      const remedy = 'install the package that holds it (Debian and Ubuntu: libnginx-mod-stream)';
      throw new AppError('PROXY_FAILED', `nginx has no stream module at ${build.streamModule}: ${remedy}`, {
        cause: error,
        publicDetail: 'the nginx of the host lacks the stream module',
      });
    }
  }
  return {
    build,
    async call(args, callSignal) {
      const { exitCode, stdout, stderr } = await execute(args, callSignal);
      return { stdout, refusal: exitCode === 0 ? undefined : parseRefusal(stderr) };
    },
  };
}

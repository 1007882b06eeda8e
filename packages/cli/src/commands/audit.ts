import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory, loadSettings } from '@golem-provider/service-kit';
import { runAttached } from '../exec/run-attached.ts';
import { CommandError, type CommandContext } from './command-context.ts';

const TIMEOUT_MS = 10 * 60_000;

/** Has the worker's own program compare the host with its records; resolves with its exit code, 1 where something differs. */
export async function auditCommand(context: CommandContext, isJson: boolean): Promise<number> {
  const settings = loadSettings(context.environment, context.cwd);
  const { root } = dataDirectory(settings.DATA_DIR);
  if (!existsSync(root)) throw new CommandError(`There is nothing at ${root}.`, 2);
  const code = await runAttached({
    entry: join(context.root, 'services/vm-worker/dist/audit.js'),
    args: isJson ? ['--json'] : [],
    env: { ...context.environment, GOLEM_PROVIDER_DATA_DIR: settings.DATA_DIR },
    cwd: context.cwd,
    timeoutMs: TIMEOUT_MS,
    signal: context.signal,
  });
  context.signal.throwIfAborted();
  return code;
}

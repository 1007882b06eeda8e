import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import {
  errorChain,
  EXIT_CONFIG,
  isAbort,
  isErrorCode,
  SettingsError,
  softwareVersion,
} from '@golem-provider/service-kit';
import { Command, CommanderError } from 'commander';
import { auditCommand } from './commands/audit.ts';
import { type CommandContext, CommandError } from './commands/command-context.ts';
import { type Ask, purgeCommand } from './commands/purge.ts';
import { startCommand } from './commands/start.ts';
import { stopProvider } from './commands/stop.ts';
import { DataDirectoryError } from './data/prepare-data-directory.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { ClaimedError } from './supervisor/claim.ts';

function createContext(): CommandContext {
  const controller = new AbortController();
  const impatient: (() => void)[] = [];
  let askedAt = -Infinity;
  // SIGHUP: the terminal was closed.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // npm passes on what the terminal has already sent: twice within a moment is once.
      if (performance.now() - askedAt < 500) return;
      askedAt = performance.now();
      if (controller.signal.aborted) for (const listener of impatient) listener();
      else controller.abort(new Error(`received ${name}`));
    });
  }
  // Whoever read our output is gone; what runs on has log files.
  const outputGone = new AbortController();
  process.stdout.on('error', (error) => outputGone.abort(error));
  process.stderr.on('error', () => undefined);
  return {
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    environment: process.env,
    cwd: process.cwd(),
    write: (text) => process.stdout.write(text),
    tell: (line) => void process.stderr.write(`${line}\n`),
    isTerminal: process.stdout.isTTY,
    signal: controller.signal,
    outputGone: outputGone.signal,
    onImpatience: (listener) => impatient.push(listener),
  };
}

/** Asks at the terminal, where there is one. */
function terminalAsk(signal: AbortSignal): Ask {
  if (!process.stdin.isTTY) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    try {
      // A terminal in this mode keeps Ctrl+C to itself.
      terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      return await terminal.question(question, { signal });
    } finally {
      terminal.close();
    }
  };
}

/** The exit code for an error that was told to the operator; what is not expected goes on as a crash. */
function exitCodeOf(error: unknown, signal: AbortSignal): number {
  if (isAbort(error, signal)) return EXIT_CODES.interrupted;
  // It has said what is wrong, or shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage;
  if (error instanceof SettingsError) {
    process.stderr.write(error.problems.map((problem) => `${problem}\n`).join(''));
    return EXIT_CONFIG;
  }
  if (error instanceof CommandError || error instanceof ClaimedError || error instanceof DataDirectoryError) {
    process.stderr.write(`${error.message}\n`);
    return error instanceof CommandError ? error.exitCode : error instanceof DataDirectoryError ? EXIT_CONFIG : 1;
  }
  // The operator's machine, not a defect of ours: a line tells more than a stack.
  if (isErrorCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR')) {
    process.stderr.write(`${errorChain(error)}\n`);
    return 1;
  }
  throw error;
}

const context = createContext();
const program = new Command('golem-provider')
  .description('Rents out virtual machines of this host.')
  .exitOverride()
  .version(softwareVersion());
program
  .command('start')
  .description('start the provider and keep it running')
  .action(async () => {
    process.exitCode = await startCommand(context);
  });
program
  .command('stop')
  .description('stop the provider; VMs keep running')
  .option('--vms', 'stop the VMs as well')
  .action(async ({ vms = false }: { vms?: boolean }) => stopProvider(context, vms ? 'stop' : 'keep'));
program
  .command('purge')
  .description('stop the provider, remove all VMs and all data')
  .option('--yes', 'do not ask')
  .action(async ({ yes = false }: { yes?: boolean }) => purgeCommand(context, yes, terminalAsk(context.signal)));
program
  .command('audit')
  .description('compare the host with its records; changes nothing')
  .option('--json', 'print one JSON document')
  .action(async ({ json = false }: { json?: boolean }) => {
    process.exitCode = await auditCommand(context, json);
  });

// The supervisor stays for months, and these come with what only they need.
if (process.argv[2] !== 'start') {
  const { addOperatorCommands } = await import('./operator/commands.ts');
  addOperatorCommands(program, context, (code) => {
    process.exitCode = code;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, context.signal);
}

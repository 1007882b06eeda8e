import {
  createLogger,
  dataDirectory,
  errorChain,
  EXIT_CONFIG,
  isSettingGiven,
  loggerOptions,
  loadSettings,
} from '@golem-provider/service-kit';
import { prepareDataDirectory } from '../data/prepare-data-directory.ts';
import { createLogSink } from '../logs/log-sink.ts';
import { socketPathProblem } from '../redis/redis-conf.ts';
import { claim } from '../supervisor/claim.ts';
import { developmentDiscovery, providerServices, type ServiceSpec } from '../supervisor/services.ts';
import { createSupervisor } from '../supervisor/supervisor.ts';
import { CommandError, type CommandContext } from './command-context.ts';

/** Runs the node until it is stopped; resolves with the exit code. The services are the node's own unless given. */
export async function startCommand(
  context: CommandContext,
  services: readonly ServiceSpec[] = providerServices(context.root),
): Promise<number> {
  const { environment, cwd, write, isTerminal, signal } = context;
  const settings = loadSettings(environment, cwd);
  const data = dataDirectory(settings.DATA_DIR);
  const problem = settings.REDIS_URL === undefined ? socketPathProblem(data.redisSocket) : undefined;
  if (problem !== undefined) throw new CommandError(problem, EXIT_CONFIG);
  await prepareDataDirectory(data);
  const held = claim(data.supervisor, 'start');
  try {
    const nameWidth = Math.max(...['supervisor', ...services.map(({ name }) => name)].map((name) => name.length));
    const isColoured = environment['NO_COLOR'] === undefined;
    const render = isTerminal ? { isColoured, nameWidth } : undefined;
    const sink = createLogSink({ directory: data.logs, write, render });
    const logger = createLogger(loggerOptions('supervisor', settings, false), {
      write: (line) => sink.line('supervisor', line.trimEnd()),
    });
    const supervisor = createSupervisor({
      settings,
      services,
      developmentDiscovery: isSettingGiven('DISCOVERY_URL', environment, cwd)
        ? undefined
        : developmentDiscovery(context.root),
      claim: held,
      environment,
      cwd,
      logger,
      onLine: (service, line) => sink.line(service, line),
      print: write,
    });
    signal.addEventListener('abort', () => logger.info('stopping; VMs and their ssh connections stay'));
    context.onImpatience(() => logger.info({ waiting_for: supervisor.running() }, 'still stopping'));
    try {
      return await supervisor.run(signal);
    } catch (error) {
      logger.fatal({ err: error }, 'the provider could not be started');
      throw new CommandError(errorChain(error));
    } finally {
      sink.close();
    }
  } finally {
    held.release();
  }
}

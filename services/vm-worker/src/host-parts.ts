import type { Settings } from '@golem-provider/contracts';
import { type DataDirectory, dataDirectory, type Logger, systemClock } from '@golem-provider/service-kit';
import { type CommandRunner, createCommandRunner } from './exec/command-runner.ts';
import { createNginxPortForwarder, nginxPlaces } from './forwarding/nginx-port-forwarder.ts';
import type { NginxPlaces } from './forwarding/nginx-installation.ts';
import type { PortForwarder } from './forwarding/port-forwarder.ts';
import type { Hypervisor } from './hypervisor/hypervisor.ts';
import { selectHypervisor } from './hypervisor/select.ts';

/** What this process was given. */
export interface HostContext {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** Called before each program is run; what it throws is the outcome. */
  readonly guard?: () => void;
}

/** The parts that touch the host, as the worker and the operator's tools use them. */
export interface HostParts {
  readonly data: DataDirectory;
  readonly run: CommandRunner;
  readonly hypervisor: Hypervisor;
  readonly forwarder: PortForwarder;
  readonly places: NginxPlaces;
}

/** Builds the parts by the settings; touches nothing yet, but looks which hypervisor is installed. */
export async function createHostParts(context: HostContext): Promise<HostParts> {
  const { settings, environment, logger, guard } = context;
  const data = dataDirectory(settings.DATA_DIR);
  const runCommand = createCommandRunner(environment);
  const run: CommandRunner =
    guard === undefined
      ? runCommand
      : async (command, runContext) => {
          guard();
          return runCommand(command, runContext);
        };
  const places = nginxPlaces(settings, data);
  const searchPath = environment['PATH'] ?? '';
  const hypervisor = await selectHypervisor({ ...context, data, run, searchPath, clock: systemClock });
  const forwarder = createNginxPortForwarder({ run, logger, places, searchPath });
  return { data, run, hypervisor, forwarder, places };
}

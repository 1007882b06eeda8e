import type { Settings } from '@golem-provider/contracts';
import { type DataDirectory, dataDirectory, type Logger, systemClock } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import { type CommandRunner, createCommandRunner } from './exec/command-runner.ts';
import { createNginxPortForwarder, nginxPlaces } from './forwarding/nginx-port-forwarder.ts';
import type { NginxControl } from './forwarding/nginx-control.ts';
import type { NginxPlaces } from './forwarding/nginx-installation.ts';
import { type NginxWorkers, workersOf } from './forwarding/nginx-process.ts';
import type { PortForwarder } from './forwarding/port-forwarder.ts';
import type { Hypervisor } from './hypervisor/hypervisor.ts';
import type { MultipassTuning } from './hypervisor/multipass/multipass-hypervisor.ts';
import { selectHypervisor } from './hypervisor/select.ts';
import { meteredHypervisor } from './metrics/metered-hypervisor.ts';
import { meteredNginx } from './metrics/metered-nginx.ts';

/** What this process was given. */
export interface HostContext {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** Where calls of the hypervisor and of nginx are counted; the operator's tools count nothing. */
  readonly metrics?: Metrics;
  readonly multipassTuning?: MultipassTuning | undefined;
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
  /** The workers of the nginx that serves the forwards; undefined while none is known to run. Starts no program. */
  readonly nginxWorkers: () => Promise<NginxWorkers | undefined>;
}

/** Builds the parts by the settings; touches nothing yet, but looks which hypervisor is installed. */
export async function createHostParts(context: HostContext): Promise<HostParts> {
  const { settings, environment, logger, metrics, guard } = context;
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
  const selected = await selectHypervisor({ ...context, data, run, searchPath, clock: systemClock });
  const hypervisor = metrics === undefined ? selected : meteredHypervisor(selected, metrics, systemClock);
  let control: NginxControl | undefined;
  const forwarder = createNginxPortForwarder({
    run,
    logger,
    places,
    clock: systemClock,
    searchPath,
    wrapControl(found) {
      control = found;
      return metrics === undefined ? found : meteredNginx(found, metrics, systemClock);
    },
  });
  const nginxWorkers = async (): Promise<NginxWorkers | undefined> => {
    const master = await control?.master();
    return master === undefined ? undefined : workersOf(master);
  };
  return { data, run, hypervisor, forwarder, places, nginxWorkers };
}

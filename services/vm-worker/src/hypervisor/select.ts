import type { Settings } from '@golem-provider/contracts';
import type { Clock, DataDirectory, Logger } from '@golem-provider/service-kit';
import type { CommandRunner } from '../exec/command-runner.ts';
import { createHostImageStore } from '../images/host-image-store.ts';
import type { Hypervisor } from './hypervisor.ts';
import { createQemuHypervisor } from './qemu/qemu-hypervisor.ts';

/** What the choice and the drivers need. */
export interface SelectionDeps {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  readonly data: DataDirectory;
  readonly run: CommandRunner;
  readonly searchPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The driver that the settings name; `auto` is Multipass where it is installed, otherwise QEMU. */
export async function selectHypervisor(deps: SelectionDeps): Promise<Hypervisor> {
  const { data, run, logger, settings, environment } = deps;
  const images = createHostImageStore(deps);
  return Promise.resolve(createQemuHypervisor({ data, images, run, logger, settings, environment }));
}

import type { ImageName, Settings } from '@golem-provider/contracts';
import { type Clock, type DataDirectory, type Logger, SettingsError } from '@golem-provider/service-kit';
import type { CommandRunner } from '../exec/command-runner.ts';
import { findProgram } from '../exec/find-program.ts';
import { createHostImageStore } from '../images/host-image-store.ts';
import type { Hypervisor } from './hypervisor.ts';
import { createMultipassHypervisor, type MultipassTuning } from './multipass/multipass-hypervisor.ts';
import {
  extendMultipassImages,
  findMultipassImage,
  MULTIPASS_DEFAULT_IMAGE,
  MULTIPASS_IMAGES,
  type MultipassImage,
} from './multipass/multipass-images.ts';
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
  readonly multipassTuning?: MultipassTuning | undefined;
}

/** Where snap puts programs; not in the search path of every service manager. */
const SNAP_DIRECTORY = '/snap/bin';

/**
 * The Multipass client to use: the one that the settings name, or, unless they name another hypervisor, the one that is
 * installed; undefined where QEMU serves.
 */
export async function findMultipass(
  settings: Pick<Settings, 'HYPERVISOR' | 'MULTIPASS_BINARY_PATH'>,
  searchPath: string,
): Promise<string | undefined> {
  if (settings.HYPERVISOR === 'qemu') return undefined;
  if (settings.MULTIPASS_BINARY_PATH !== undefined) return settings.MULTIPASS_BINARY_PATH;
  const installed = await findProgram('multipass', `${searchPath}:${SNAP_DIRECTORY}`);
  // Asked for by name but not there: the probe says so, and goes on saying so until it is installed.
  return installed ?? (settings.HYPERVISOR === 'multipass' ? 'multipass' : undefined);
}

function defaultImage(images: readonly MultipassImage[], wanted: ImageName | undefined): ImageName {
  if (wanted === undefined) return MULTIPASS_DEFAULT_IMAGE;
  const image = findMultipassImage(images, wanted);
  if (image !== undefined) return image.name;
  throw new SettingsError([`GOLEM_PROVIDER_DEFAULT_VM_IMAGE: Multipass has no image ${wanted}`]);
}

/**
 * The driver that the settings name; `auto` is Multipass where it is installed, otherwise QEMU.
 *
 * @throws SettingsError when the settings name images that the driver does not have.
 */
export async function selectHypervisor(deps: SelectionDeps): Promise<Hypervisor> {
  const { data, run, clock, logger, settings, environment } = deps;
  const program = await findMultipass(settings, deps.searchPath);
  if (program === undefined) {
    return createQemuHypervisor({ data, images: createHostImageStore(deps), run, logger, settings, environment });
  }
  const images = extendMultipassImages(MULTIPASS_IMAGES, settings.ALLOWED_IMAGES);
  return createMultipassHypervisor({
    run,
    program,
    images,
    defaultImage: defaultImage(images, settings.DEFAULT_VM_IMAGE),
    clock,
    logger,
    timing: { launchMs: settings.LAUNCH_TIMEOUT * 1000, ...deps.multipassTuning },
  });
}

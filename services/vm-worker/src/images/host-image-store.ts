import type { Settings } from '@golem-provider/contracts';
import type { Clock, DataDirectory } from '@golem-provider/service-kit';
import type { CommandRunner } from '../exec/command-runner.ts';
import { extendCatalogue, type ImageArchitecture, standardCatalogue } from './catalogue.ts';
import { createImageStore, type ImageStore } from './image-store.ts';

/** What the store of a host is made from. */
export interface HostImageStoreDeps {
  readonly settings: Pick<Settings, 'ALLOWED_IMAGES'>;
  readonly data: DataDirectory;
  readonly run: CommandRunner;
  readonly clock: Clock;
}

/**
 * The store of this host: the catalogue for its architecture and the operator's own images.
 *
 * @throws SettingsError when one of those is wrong.
 */
export function createHostImageStore({ settings, data, run, clock }: HostImageStoreDeps): ImageStore {
  const architecture: ImageArchitecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const catalogue = extendCatalogue(standardCatalogue(architecture), settings.ALLOWED_IMAGES);
  return createImageStore({ directory: data.images, catalogue, architecture, run, clock });
}

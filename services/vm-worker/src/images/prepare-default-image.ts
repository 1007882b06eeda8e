import type { ImageName, Settings } from '@golem-provider/contracts';
import { errorChain, isAppError, SettingsError } from '@golem-provider/service-kit';
import { BUILT_IMAGE, resolveImage, UBUNTU_DEFAULT } from './catalogue.ts';
import type { ImageStore } from './image-store.ts';

/** What the preparation works with. */
export interface PrepareDeps {
  readonly images: ImageStore;
  readonly settings: Pick<Settings, 'DEFAULT_VM_IMAGE'>;
  readonly readDefault: () => Promise<ImageName | undefined>;
  readonly writeDefault: (name: ImageName) => Promise<void>;
  /** Whether the server of an image answers, found out in seconds. */
  readonly isReachable: (name: ImageName, signal: AbortSignal) => Promise<boolean>;
  /** Builds `BUILT_IMAGE` on this host. */
  readonly build: (signal: AbortSignal, onStage: (stage: string) => void) => Promise<void>;
  /** A line for people. */
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** `prepared`: requests that name no image are served. `missing`: they fail, as the operator's own choice is not to be had. */
export type PrepareOutcome = 'prepared' | 'missing';

async function isThere({ images, print }: PrepareDeps, name: ImageName): Promise<boolean> {
  try {
    return (await images.find(name)) !== undefined;
  } catch (error) {
    print(`Image ${name}: ${errorChain(error)}`);
    return false;
  }
}

async function fetchImage({ images, print, signal }: PrepareDeps, name: ImageName): Promise<boolean> {
  print(`Image ${name}: downloading`);
  let shown = 0;
  const onProgress = (percent: number | null): void => {
    if (percent === null || percent < shown + 10) return;
    shown = percent;
    print(`Image ${name}: ${percent} %`);
  };
  try {
    await images.ensure(name, { signal, onProgress });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error) && error.code === 'IMAGE_UNAVAILABLE') {
      print(`Image ${name}: ${errorChain(error)}`);
      return false;
    }
    throw error;
  }
}

async function prepareChosen(deps: PrepareDeps, chosen: ImageName): Promise<PrepareOutcome> {
  const image = resolveImage(deps.images.catalogue, chosen);
  if (image === undefined)
    throw new SettingsError([`GOLEM_PROVIDER_DEFAULT_VM_IMAGE: ${chosen} is not an image of the catalogue`]);
  if (await isThere(deps, image.name)) return 'prepared';
  if (!(await deps.isReachable(image.name, deps.signal)))
    deps.print(`Image ${image.name}: its server cannot be reached`);
  else if (await fetchImage(deps, image.name)) return 'prepared';
  deps.print(
    `Warning: ${chosen}, which GOLEM_PROVIDER_DEFAULT_VM_IMAGE names, cannot be had. Requests that name no image will fail ` +
      `until it can. Leave the setting out to use an image that this host has.`,
  );
  return 'missing';
}

/** The first of these that is there: what was the default before, what can be downloaded, what was built. */
async function findPresent(deps: PrepareDeps): Promise<ImageName | undefined> {
  const before = await deps.readDefault();
  const wanted = [...(before === undefined ? [] : [before]), UBUNTU_DEFAULT, BUILT_IMAGE];
  for (const name of wanted) {
    if (resolveImage(deps.images.catalogue, name) !== undefined && (await isThere(deps, name))) return name;
  }
  return undefined;
}

async function obtain(deps: PrepareDeps): Promise<ImageName> {
  const { print, signal } = deps;
  if (await deps.isReachable(UBUNTU_DEFAULT, signal)) {
    if (await fetchImage(deps, UBUNTU_DEFAULT)) return UBUNTU_DEFAULT;
  } else {
    print(`Image ${UBUNTU_DEFAULT}: its server cannot be reached`);
  }
  print(`Image ${BUILT_IMAGE}: building it on this host instead, which takes some minutes`);
  await deps.build(signal, (stage) => print(`Image ${BUILT_IMAGE}: ${stage}`));
  return BUILT_IMAGE;
}

/**
 * Sees to it that there is an image for requests that name none. What the operator has chosen is never replaced by another;
 * without a choice it is Ubuntu 24.04 or, where no image server is in reach, Debian 12 built here. What is there is kept, and
 * then nothing is asked of the network.
 *
 * @throws SettingsError for a choice outside the catalogue, AppError `IMAGE_UNAVAILABLE` when there is no image in the end.
 */
export async function prepareDefaultImage(deps: PrepareDeps): Promise<PrepareOutcome> {
  const { settings, print } = deps;
  if (settings.DEFAULT_VM_IMAGE !== undefined) return prepareChosen(deps, settings.DEFAULT_VM_IMAGE);
  const present = await findPresent(deps);
  const name = present ?? (await obtain(deps));
  if ((await deps.readDefault()) !== name) {
    await deps.writeDefault(name);
    print(`Image ${name}: is the default on this host`);
  }
  return 'prepared';
}

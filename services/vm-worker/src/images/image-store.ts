import { randomBytes } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { chmod, copyFile, link, mkdir, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ImageName } from '@golem-provider/contracts';
import { AppError, type Clock, errorChain, isAppError, isErrorCode } from '@golem-provider/service-kit';
import type { CommandRunner } from '../exec/command-runner.ts';
import { cleanWords, fileFailure, saysDiskFull } from '../exec/run-tool.ts';
import {
  type CatalogueImage,
  type ImageArchitecture,
  type ImageChecksum,
  imageDirectoryName,
  type ImageSource,
  resolveImage,
} from './catalogue.ts';
import { findChecksum } from './checksum-list.ts';
import { digestOf, download, DOWNLOAD_LIMITS, type DownloadLimits, fetchText } from './download.ts';
import type { ImageDescription } from './image-description.ts';
import { DESCRIPTION_FILE, imageFiles, readDescription } from './image-description.ts';
import { inspectDisk } from './inspect-disk.ts';
import { createSharedWork } from './shared-work.ts';

/** An image that is there. */
export interface StoredImage {
  readonly name: ImageName;
  /** Its directory's own name below the images. */
  readonly directoryName: string;
  /** Absolute. */
  readonly directory: string;
  readonly description: ImageDescription;
}

/** Comes with `ensure`. */
export interface ImageContext {
  readonly signal: AbortSignal;
  /** Percent; null where the size is not known. */
  readonly onProgress: (percent: number | null) => void;
}

/** The images of this host. An image is never changed once it is there: the disks of VMs are overlays over it. */
export interface ImageStore {
  readonly catalogue: readonly CatalogueImage[];
  /** The image of that name or alias if it is there. */
  find(name: ImageName): Promise<StoredImage | undefined>;
  /**
   * The image of that name or alias, fetched if need be: once for all who ask at the same time, complete and checked, or
   * not at all.
   *
   * @throws AppError `IMAGE_UNKNOWN` for a name outside the catalogue, `IMAGE_UNAVAILABLE` when it cannot be had.
   */
  ensure(name: ImageName, context: ImageContext): Promise<StoredImage>;
  /** Takes over an image that was made elsewhere, without copying where the file system allows that; keeps one that is there. */
  importImage(fromDirectory: string): Promise<void>;
}

/** What an image store works with. */
export interface ImageStoreDeps {
  /** The directory of all images. */
  readonly directory: string;
  readonly catalogue: readonly CatalogueImage[];
  readonly architecture: ImageArchitecture;
  readonly run: CommandRunner;
  readonly clock: Clock;
  readonly limits?: DownloadLimits;
}

const PARTIAL = '.partial';
/** A download writes all the time: what was not written to for so long is nobody's. */
const STALE_PARTIAL_MS = 3_600_000;

function unavailable(name: string, cause: unknown, publicDetail: string): AppError {
  return new AppError('IMAGE_UNAVAILABLE', `getting the image ${name}`, { cause, publicDetail });
}

/** What a requestor is told of a fetch that failed; the host's own addresses and paths are not part of it. */
function fetchDetail(name: string, cause: unknown): string {
  if (saysDiskFull(cause)) return `The image ${name} cannot be fetched: the disk of the host is full.`;
  return isAppError(cause) && cause.publicDetail !== undefined
    ? cause.publicDetail
    : `The image ${name} cannot be fetched: ${cleanWords(errorChain(cause))}`;
}

async function wantedDigest(
  checksum: ImageChecksum,
  url: string,
  signal: AbortSignal,
  limits: DownloadLimits,
): Promise<string> {
  if ('digest' in checksum) return checksum.digest;
  const list = await fetchText({ url: checksum.listUrl, signal, limits, mustStaySecure: true });
  const digest = findChecksum(list, basename(new URL(url).pathname));
  if (digest === undefined) throw new Error(`the list of checksums does not name ${basename(url)}`);
  return digest;
}

/** The store over a directory; see `ImageStore`. */
export function createImageStore(deps: ImageStoreDeps): ImageStore {
  const { directory: root, catalogue, architecture, run, clock, limits = DOWNLOAD_LIMITS } = deps;
  const fetches = createSharedWork<number | null, StoredImage>();
  const directoryOf = (name: ImageName): string => join(root, imageDirectoryName(name));

  const known = (name: ImageName): CatalogueImage => {
    const image = resolveImage(catalogue, name);
    if (image !== undefined) return image;
    throw new AppError('IMAGE_UNKNOWN', `looking for the image ${name}`, {
      publicDetail: `${name} is not an image of this provider.`,
    });
  };

  const findStored = async (image: CatalogueImage): Promise<StoredImage | undefined> => {
    const directory = directoryOf(image.name);
    let description: ImageDescription | undefined;
    try {
      description = await readDescription(directory);
      if (description === undefined) return undefined;
      for (const file of imageFiles(description)) await stat(join(directory, file));
    } catch (cause) {
      throw unavailable(image.name, cause, `The image ${image.name} is damaged on this host.`);
    }
    if (description.architecture !== architecture)
      throw unavailable(image.name, new Error(`it is for ${description.architecture}`), 'It is for another machine.');
    return { name: image.name, directoryName: imageDirectoryName(image.name), directory, description };
  };

  /** Makes a directory as a whole: `fill` works on a private one, which is then renamed. Whoever comes first wins. */
  const place = async (target: string, fill: (partial: string) => Promise<void>): Promise<void> => {
    await mkdir(root, { recursive: true, mode: 0o711 });
    await removeStale(target);
    const partial = `${target}.${randomBytes(4).toString('hex')}${PARTIAL}`;
    try {
      await mkdir(partial, { mode: 0o700 });
      await fill(partial);
      await chmod(partial, 0o755);
      await rename(partial, target);
    } catch (error) {
      if (!isErrorCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  };

  const removeStale = async (target: string): Promise<void> => {
    const isPartial = ({ name }: Dirent): boolean => name.startsWith(`${basename(target)}.`) && name.endsWith(PARTIAL);
    for (const entry of (await readdir(root, { withFileTypes: true })).filter(isPartial)) {
      const path = join(root, entry.name);
      const written = await Promise.all(
        [path, join(path, 'disk.qcow2')].map((file) =>
          stat(file).then(
            ({ mtimeMs }) => mtimeMs,
            () => 0,
          ),
        ),
      );
      if (clock.now() - Math.max(...written) > STALE_PARTIAL_MS) await rm(path, { recursive: true, force: true });
    }
  };

  const obtain = async (source: ImageSource, disk: string, { signal, onProgress }: ImageContext): Promise<void> => {
    if (source.kind === 'file') {
      await copyFile(source.path, disk, constants.COPYFILE_FICLONE);
      return;
    }
    const { url, checksum } = source;
    const digest = checksum === null ? null : await wantedDigest(checksum, url, signal, limits);
    await download({ url, signal, limits, mustStaySecure: digest === null }, disk, onProgress);
    if (checksum === null) return;
    const found = await digestOf(disk, checksum.algorithm, signal);
    if (found !== digest) throw new Error(`its checksum is ${found}, not ${digest ?? ''}`);
  };

  const fetchImage = async (image: CatalogueImage, context: ImageContext): Promise<StoredImage> => {
    try {
      await place(directoryOf(image.name), async (partial) => {
        const disk = join(partial, 'disk.qcow2');
        await obtain(image.source, disk, context);
        const description: ImageDescription = {
          name: image.name,
          release: image.release,
          architecture,
          virtual_size_bytes: (await inspectDisk(run, disk, context.signal)).virtualSizeBytes,
          disk: 'disk.qcow2',
          built_at: new Date(clock.now()).toISOString(),
          sha256: { 'disk.qcow2': await digestOf(disk, 'sha256', context.signal) },
        };
        await chmod(disk, 0o644);
        await writeFile(join(partial, DESCRIPTION_FILE), `${JSON.stringify(description, null, 2)}\n`, { flush: true });
      });
    } catch (cause) {
      context.signal.throwIfAborted();
      throw unavailable(image.name, cause, fetchDetail(image.name, cause));
    }
    const stored = await findStored(image);
    if (stored === undefined) throw unavailable(image.name, undefined, `The image ${image.name} has vanished.`);
    return stored;
  };

  return {
    catalogue,
    find: (name) => findStored(known(name)),
    async ensure(name, context) {
      const image = known(name);
      const stored = await findStored(image);
      if (stored !== undefined) return stored;
      return fetches.do(image.name, context, (signal, onProgress) => fetchImage(image, { signal, onProgress }));
    },
    async importImage(fromDirectory) {
      const description = await readDescription(fromDirectory);
      if (description === undefined) throw new AppError('IMAGE_UNAVAILABLE', `no image in ${fromDirectory}`);
      const image = resolveImage(catalogue, description.name);
      if (image === undefined) throw new AppError('IMAGE_UNKNOWN', `importing ${description.name}`);
      if ((await findStored(image)) !== undefined) return;
      try {
        await place(directoryOf(image.name), async (partial) => {
          for (const file of [...imageFiles(description), DESCRIPTION_FILE]) {
            const from = await realpath(join(fromDirectory, file));
            await linkOrCopy(from, join(partial, file));
          }
        });
      } catch (cause) {
        throw fileFailure(cause, `importing ${description.name}`, 'IMAGE_UNAVAILABLE');
      }
    },
  };
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!isErrorCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP')) throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DataDirectory } from '@golem-provider/service-kit';

/** In every data directory of ours; without it nothing is ever removed. */
const MARKER = '.golem-provider';

/** The data directory is not one of ours, or cannot become one. */
export class DataDirectoryError extends Error {
  constructor(root: string, reason: string) {
    super(`GOLEM_PROVIDER_DATA_DIR: ${root} ${reason}`);
    this.name = 'DataDirectoryError';
  }
}

/** Whether a directory holds our data. */
export function isDataDirectory(root: string): boolean {
  return existsSync(join(root, MARKER));
}

/** Modes of the directories. QEMU runs as other users: it must get through to its instance and read the images. */
function modes(data: DataDirectory): [string, number][] {
  return [
    [data.root, 0o711],
    [data.instances, 0o711],
    [data.images, 0o755],
    [data.vms, 0o700],
    [data.nginx, 0o755],
    [data.redis, 0o700],
    [data.logs, 0o750],
  ];
}

/**
 * Makes the directories, with their modes, and marks the whole as ours.
 *
 * @throws DataDirectoryError when it holds what is not ours.
 */
export async function prepareDataDirectory(data: DataDirectory): Promise<void> {
  if (existsSync(data.root) && !isDataDirectory(data.root)) {
    const files = [
      data.sealKey,
      data.operatorToken,
      data.providerId,
      data.providerKey,
      data.publicAddress,
      data.supervisor,
    ];
    const ours = new Set([...modes(data).map(([path]) => path), ...files].map((path) => basename(path)));
    const foreign = (await readdir(data.root)).find((name) => !ours.has(name));
    if (foreign !== undefined) throw new DataDirectoryError(data.root, `holds other things, such as ${foreign}`);
  }
  for (const [path, mode] of modes(data)) {
    await mkdir(path, { recursive: true });
    await chmod(path, mode);
  }
  await writeFile(join(data.root, MARKER), 'Data of a golem-provider. Removed by `npm run purge`.\n', { mode: 0o644 });
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that `dispose` removes with all that is in it. Its path is short, as it may have to hold Unix sockets. */
export interface TemporaryDirectory {
  readonly path: string;
  dispose(): Promise<void>;
}

/** Makes an empty directory with mode 0700. */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'gp-'));
  return { path, dispose: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

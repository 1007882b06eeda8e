import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isErrorCode } from '@golem-provider/service-kit';
import { createCommandRunner } from '../exec/command-runner.ts';
import { buildDebianImage } from '../images/build-image.ts';

/** Kept between test runs, out of version control. */
const DIRECTORY = fileURLToPath(new URL('../../../../.cache/images/debian-12', import.meta.url));

/**
 * The directory of the image that the guests of tests boot from, for `ImageStore.importImage`. Built the first time, which
 * takes minutes and needs root; tests that ask at the same time wait for one build.
 */
export async function testGuestImage(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  try {
    await stat(`${DIRECTORY}/image.json`);
    return DIRECTORY;
  } catch (error) {
    if (!isErrorCode(error, 'ENOENT')) throw error;
  }
  await mkdir(dirname(DIRECTORY), { recursive: true });
  await buildDebianImage(createCommandRunner(environment), DIRECTORY, { signal, onStage: () => undefined });
  return DIRECTORY;
}

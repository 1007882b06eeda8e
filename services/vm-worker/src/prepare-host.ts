import { join } from 'node:path';
import {
  dataDirectory,
  errorChain,
  EXIT_CONFIG,
  loadSettings,
  SettingsError,
  systemClock,
} from '@golem-provider/service-kit';
import { createCommandRunner } from './exec/command-runner.ts';
import { findMultipass } from './hypervisor/select.ts';
import { makeTraversable } from './hypervisor/qemu/qemu-host.ts';
import { buildDebianImage } from './images/build-image.ts';
import { BUILT_IMAGE, imageDirectoryName, resolveImage } from './images/catalogue.ts';
import { readDefaultImage, writeDefaultImage } from './images/default-image.ts';
import { createHostImageStore } from './images/host-image-store.ts';
import { prepareDefaultImage } from './images/prepare-default-image.ts';
import { isSourceReachable } from './images/reachability.ts';

// Run before the services start, with its lines shown to whoever starts them. Exit codes: 0 all is there, or what is missing
// was said and concerns only requests that name no image; 1 there is no image; 78 a setting is wrong.

async function main(): Promise<void> {
  const environment = process.env;
  const settings = loadSettings(environment, process.cwd());
  if ((await findMultipass(settings, environment['PATH'] ?? '')) !== undefined) return;

  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  const { signal } = interrupted;
  const data = dataDirectory(settings.DATA_DIR);
  const run = createCommandRunner(environment);
  const images = createHostImageStore({ settings, data, run, clock: systemClock });
  for (const directory of [data.root, data.images]) await makeTraversable(directory);
  await prepareDefaultImage({
    images,
    settings,
    signal,
    readDefault: () => readDefaultImage(data.images),
    writeDefault: (name) => writeDefaultImage(data.images, name),
    isReachable: async (name) => {
      const image = resolveImage(images.catalogue, name);
      return image !== undefined && (await isSourceReachable(image, signal));
    },
    build: (buildSignal, onStage) =>
      buildDebianImage(run, join(data.images, imageDirectoryName(BUILT_IMAGE)), { signal: buildSignal, onStage }),
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

try {
  await main();
} catch (error) {
  const lines = error instanceof SettingsError ? error.problems : [errorChain(error)];
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exitCode = error instanceof SettingsError ? EXIT_CONFIG : 1;
}

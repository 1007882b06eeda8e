import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCommandRunner } from '../exec/command-runner.ts';
import { runTool } from '../exec/run-tool.ts';
import type { ImageDescription } from '../images/image-description.ts';

/** Makes an image with an empty disk of 1 GiB: a machine of it starts in a moment and stays in the firmware. */
export async function makeBlankImage(environment: NodeJS.ProcessEnv, directory: string): Promise<void> {
  await mkdir(directory);
  const args = ['create', '-q', '-f', 'qcow2', join(directory, 'disk.qcow2'), '1G'];
  const command = { program: 'qemu-img', args, timeoutMs: 30_000 };
  await runTool(createCommandRunner(environment), command, 'making a blank disk', AbortSignal.timeout(30_000));
  const description: ImageDescription = {
    name: 'debian:12',
    release: 'nothing',
    architecture: 'amd64',
    virtual_size_bytes: 1024 ** 3,
    disk: 'disk.qcow2',
    built_at: '2026-01-01T00:00:00Z',
    sha256: {},
  };
  await writeFile(join(directory, 'image.json'), JSON.stringify(description));
}

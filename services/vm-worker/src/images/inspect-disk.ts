import { AppError } from '@golem-provider/service-kit';
import { z } from 'zod';
import type { CommandRunner } from '../exec/command-runner.ts';
import { runTool } from '../exec/run-tool.ts';

const DiskInfo = z.object({
  format: z.string(),
  'virtual-size': z.int().positive(),
  'backing-filename': z.string().optional(),
  'format-specific': z.object({ data: z.looseObject({ 'data-file': z.string().optional() }).optional() }).optional(),
});

/** What an image's disk is. */
export interface DiskFacts {
  readonly virtualSizeBytes: number;
}

/**
 * Looks at a disk that came from elsewhere. It must be a qcow2 file that stands alone: one that names a backing file would
 * make QEMU open whatever file of this host it names.
 *
 * @throws AppError `IMAGE_UNAVAILABLE` for anything else.
 */
export async function inspectDisk(run: CommandRunner, path: string, signal: AbortSignal): Promise<DiskFacts> {
  const command = {
    program: 'qemu-img',
    args: ['info', '--output=json', '-f', 'qcow2', path],
    timeoutMs: 30_000,
  };
  const { stdout } = await runTool(run, command, 'looking at the disk of an image', signal);
  const info = DiskInfo.parse(JSON.parse(stdout));
  const refuse = (what: string): AppError =>
    new AppError('IMAGE_UNAVAILABLE', `looking at the disk of an image: ${what}`, {
      publicDetail: `The disk of the image ${what}.`,
    });
  if (info.format !== 'qcow2') throw refuse('is not in the qcow2 format');
  if (info['backing-filename'] !== undefined || info['format-specific']?.data?.['data-file'] !== undefined)
    throw refuse('names other files');
  return { virtualSizeBytes: info['virtual-size'] };
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@golem-provider/service-kit';
import { z } from 'zod';

const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);

/** The file `image.json` of an image; it is written last, so an image that has it is whole. */
export const ImageDescription = z.object({
  name: z.string(),
  release: z.string(),
  architecture: z.enum(['amd64', 'arm64']),
  virtual_size_bytes: z.int().positive(),
  /** File names in the image's directory. The kernel is there where the image boots by it directly, too. */
  disk: fileName,
  kernel: fileName.optional(),
  initrd: fileName.optional(),
  kernel_arguments: z.string().optional(),
  built_at: z.string(),
  /** By file name. */
  sha256: z.record(fileName, z.string()),
});
export type ImageDescription = z.infer<typeof ImageDescription>;

/** Name of the description in an image's directory. */
export const DESCRIPTION_FILE = 'image.json';

/** The description in a directory; undefined where there is none. Throws where it cannot be read or is malformed. */
export async function readDescription(directory: string): Promise<ImageDescription | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, DESCRIPTION_FILE), 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  return ImageDescription.parse(JSON.parse(text));
}

/** The files that an image consists of, its description apart. */
export function imageFiles({ disk, kernel, initrd }: ImageDescription): string[] {
  return [disk, kernel, initrd].filter((file) => file !== undefined);
}

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@golem-provider/service-kit';
import { ImageName } from '@golem-provider/contracts';
import { z } from 'zod';

const FILE = 'default.json';
const DefaultImage = z.object({ name: ImageName });

/** The image that this host prepared for requests that name none; undefined where none was, or the record is damaged. */
export async function readDefaultImage(imagesDirectory: string): Promise<ImageName | undefined> {
  let text: string;
  try {
    text = await readFile(join(imagesDirectory, FILE), 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const record = z.string().transform(parseJson).pipe(DefaultImage).safeParse(text);
  return record.success ? record.data.name : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Records it. */
export async function writeDefaultImage(imagesDirectory: string, name: ImageName): Promise<void> {
  const path = join(imagesDirectory, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify({ name })}\n`, { mode: 0o644 });
  await rename(`${path}.new`, path);
}

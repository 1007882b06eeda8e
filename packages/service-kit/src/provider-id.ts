import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppError } from './app-error.ts';
import { readOrWriteOnce } from './write-once.ts';

const ProviderId = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/);

/** The id of this provider in a file, made up on the first call and the same for every service ever after. */
export async function loadProviderId(path: string): Promise<string> {
  const content = await readOrWriteOnce(path, `${randomUUID()}\n`);
  const id = ProviderId.safeParse(content.toString('utf8').trim());
  if (!id.success) throw new AppError('INTERNAL', `reading the provider id ${path}: it holds no id`);
  return id.data;
}

import { readFile } from 'node:fs/promises';
import { expandPath } from '@golem-provider/service-kit';
import type { z } from 'zod';
import { CommandError } from '../commands/command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';

/** The whole number that an option was given; undefined where it was left out. */
export function amount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new CommandError(`--${option}: ${text} is not a whole number`, EXIT_CODES.usage);
}

/** What was given on the command line, judged as the API will judge it; what is undefined counts as left out. */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  given: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const result = schema.safeParse(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => `${path.join('.') || 'request'}: ${message}`);
  throw new CommandError(lines.join('\n'), EXIT_CODES.usage);
}

/** The text of a file with a public key. `what` names the file for whoever gave it. */
export async function readPublicKey(what: string, path: string): Promise<string> {
  try {
    return (await readFile(expandPath(path), 'utf8')).trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new CommandError(`${what}: the file cannot be read (${reason})`, EXIT_CODES.usage);
  }
}

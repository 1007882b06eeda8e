import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SettingsError } from '@golem-provider/service-kit';

const MIN_KEY_LENGTH = 16;

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Some secrets of which only digests are held. */
export interface SecretSet {
  readonly size: number;
  /** The digest, in hexadecimal, of a text that is one of them; takes the same time for every text. */
  match(text: string): string | undefined;
}

/** The set of these secrets. */
export function createSecretSet(secrets: readonly string[]): SecretSet {
  const digests = secrets.map(digest);
  return {
    size: digests.length,
    match(text) {
      const given = digest(text);
      const found = digests.filter((item) => timingSafeEqual(item, given));
      return found.length === 0 ? undefined : given.toString('hex');
    },
  };
}

/**
 * The API keys of the settings: those of the list, and those of the file, one in a line; a line that begins with # is a
 * comment.
 *
 * @throws SettingsError where the file cannot be read, or a key is too short to be a secret.
 */
export async function loadApiKeys(listed: readonly string[], file: string | undefined): Promise<string[]> {
  const name = file === undefined ? 'GOLEM_PROVIDER_API_KEYS' : 'GOLEM_PROVIDER_API_KEYS_FILE';
  const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) throw new SettingsError([`${name}: ${file} cannot be read`]);
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const keys = [...listed, ...lines];
  if (keys.some((key) => key.length < MIN_KEY_LENGTH)) {
    throw new SettingsError([`${name}: a key must have at least ${MIN_KEY_LENGTH} characters`]);
  }
  if (file !== undefined && keys.length === 0) throw new SettingsError([`${name}: ${file} holds no key`]);
  return keys;
}

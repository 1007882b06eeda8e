import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { SealedSecret } from '@golem-provider/contracts';
import { AppError } from './app-error.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** Seals secrets so that they may rest in Redis, and opens them again. `context` binds a secret to its owner and use. */
export interface Seal {
  seal(secret: string, context: string): SealedSecret;
  /** @throws AppError `INTERNAL` when the key is another, the context differs or the text was changed. */
  open(sealed: SealedSecret, context: string): string;
}

/** AES-256-GCM under a key of 32 bytes. A sealed secret is `v1.<nonce>.<tag>.<text>`, each in base64. */
export function createSeal(key: Uint8Array): Seal {
  return {
    seal(secret, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      const parts = [nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64'));
      return SealedSecret.parse(`v1.${parts.join('.')}`);
    },
    open(sealed, context) {
      const [nonce, tag, text] = sealed
        .split('.')
        .slice(1)
        .map((part) => Buffer.from(part, 'base64'));
      if (nonce === undefined || tag === undefined || text === undefined)
        throw new AppError('INTERNAL', 'opening a sealed secret');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
          .setAAD(Buffer.from(context))
          .setAuthTag(tag);
        return decipher.update(text, undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new AppError('INTERNAL', `opening the sealed secret of ${context}`, { cause });
      }
    },
  };
}

/**
 * The key in a file of mode 0600, made on the first call. Several services start at once: the file appears whole or not
 * at all, and all of them read the one that was first.
 */
export async function loadSealKey(path: string): Promise<Uint8Array> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const key = await readFile(path);
  if (key.length !== KEY_BYTES)
    throw new AppError('INTERNAL', `reading the seal key ${path}: it must have ${KEY_BYTES} bytes`);
  return key;
}

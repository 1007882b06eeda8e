import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SealedSecret, type VmId } from '@golem-provider/contracts';
import { AppError } from './app-error.ts';
import { readOrWriteOnce } from './write-once.ts';

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

/** What a private key of a VM is bound to when it is sealed; whoever opens it says the same. */
export function sealContext(id: VmId, purpose: 'login' | 'host' | 'management'): string {
  return `${id}/${purpose}`;
}

/** The key in a file of mode 0600, made on the first call; all services read the same. */
export async function loadSealKey(path: string): Promise<Uint8Array> {
  const key = await readOrWriteOnce(path, randomBytes(KEY_BYTES));
  if (key.length !== KEY_BYTES)
    throw new AppError('INTERNAL', `reading the seal key ${path}: it must have ${KEY_BYTES} bytes`);
  return key;
}

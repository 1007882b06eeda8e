import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { AppError, readOrWriteOnce } from '@golem-provider/service-kit';

/** The key by which this provider is to be known. */
export interface ProviderKey {
  /** The public part, SubjectPublicKeyInfo as PEM. */
  readonly publicPem: string;
  /** Ed25519 signature of a text (UTF-8), base64. */
  sign(text: string): string;
}

function parseKey(pem: Buffer, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // OpenSSL's words are no help here, and a cause must not carry pieces of a key.
  }
  throw new AppError('INTERNAL', `reading the provider key ${path}: it holds no Ed25519 private key`);
}

/** The key in a file of mode 0600 (PKCS#8, PEM), made on the first call. */
export async function loadProviderKey(path: string): Promise<ProviderKey> {
  const fresh = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  const privateKey = parseKey(await readOrWriteOnce(path, fresh), path);
  return {
    publicPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64'),
  };
}

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SshPublicKey, type VmId, type VmKeys } from '@golem-provider/contracts';
import { type DataDirectory, isErrorCode, type Seal, sealContext } from '@golem-provider/service-kit';
import { z } from 'zod';
import type { SshKeyPair } from './ssh-key-pair.ts';

/**
 * Which of a VM's pairs: the one to log in with, the one with which the guest's sshd proves its identity, or the one by which
 * the provider runs commands in the guest.
 */
type KeyPurpose = keyof typeof FILES;

const FILES = { login: 'ssh_key', host: 'ssh_host_ed25519_key', management: 'management_key' } as const;

const COMMENT_USERS = { login: 'ubuntu', host: 'root' } as const;
/** By which the guest's owner recognises the key among the authorised ones. */
const MANAGEMENT_COMMENT = 'golem-provider';

const StoredPair = z.object({ publicKey: SshPublicKey, privateKey: z.string() });

/** The key pairs of the VMs: files of mode 0600 in directories of mode 0700, sealed copies for the records. */
export interface VmKeyStore {
  /**
   * The keys of a VM, complete. Pairs that exist are kept; those that are missing are made, a management key only where there
   * is to be one.
   */
  ensure(id: VmId, keys: VmKeys, options: { readonly managementKey: boolean }): Promise<VmKeys>;
  /** The private ssh host key for cloud-init. Secret. */
  hostPrivateKey(id: VmId, keys: VmKeys): string;
  /** The private management key; null where there is none. Secret. */
  managementPrivateKey(id: VmId, keys: VmKeys): string | null;
  /** Removes the files of a VM; harmless when there are none. */
  remove(id: VmId): Promise<void>;
}

async function readPair(path: string): Promise<SshKeyPair | undefined> {
  try {
    return StoredPair.parse({
      privateKey: await readFile(path, 'utf8'),
      publicKey: (await readFile(`${path}.pub`, 'utf8')).trim(),
    });
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}

/** The key store under the data directory. */
export function createVmKeyStore(directory: DataDirectory, seal: Seal): VmKeyStore {
  /** The pair in the files, or a new one written there first: a crash after that finds it again. */
  const ensurePair = async (id: VmId, purpose: KeyPurpose): Promise<SshKeyPair> => {
    const path = join(directory.vm(id), FILES[purpose]);
    const existing = await readPair(path);
    if (existing !== undefined) return existing;
    // Loaded when there is a pair to be made: 3 MiB that a worker at rest does without.
    const { makeSshKeyPair } = await import('./ssh-key-pair.ts');
    const pair = makeSshKeyPair(purpose === 'management' ? MANAGEMENT_COMMENT : `${COMMENT_USERS[purpose]}@${id}`);
    await mkdir(directory.vm(id), { recursive: true, mode: 0o700 });
    await writeWhole(`${path}.pub`, `${pair.publicKey}\n`);
    await writeWhole(path, pair.privateKey);
    return pair;
  };

  return {
    async ensure(id, keys, { managementKey }) {
      let complete = keys;
      if (keys.origin === 'provider' && keys.sealed_private_key === null) {
        const pair = await ensurePair(id, 'login');
        const sealed = seal.seal(pair.privateKey, sealContext(id, 'login'));
        complete = { ...complete, public_key: pair.publicKey, sealed_private_key: sealed };
      }
      if (keys.sealed_host_private_key === null) {
        const pair = await ensurePair(id, 'host');
        const sealed = seal.seal(pair.privateKey, sealContext(id, 'host'));
        complete = { ...complete, host_public_key: pair.publicKey, sealed_host_private_key: sealed };
      }
      if (managementKey && keys.sealed_management_private_key === null) {
        const pair = await ensurePair(id, 'management');
        const sealed = seal.seal(pair.privateKey, sealContext(id, 'management'));
        complete = { ...complete, management_public_key: pair.publicKey, sealed_management_private_key: sealed };
      }
      return complete;
    },
    hostPrivateKey(id, { sealed_host_private_key: sealed }) {
      if (sealed === null) throw new Error(`the keys of ${id} have not been made`);
      return seal.open(sealed, sealContext(id, 'host'));
    },
    managementPrivateKey: (id, { sealed_management_private_key: sealed }) =>
      sealed === null ? null : seal.open(sealed, sealContext(id, 'management')),
    remove: (id) => rm(directory.vm(id), { recursive: true, force: true }),
  };
}

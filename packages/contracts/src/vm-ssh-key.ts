import { z } from 'zod';
import { SshPublicKey } from './ssh-key.ts';

/** How many keys a VM may have beside its first one. */
export const MAX_SSH_KEYS = 64;

const SshKeyName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'may hold letters, digits, . _ and - only');

/** The body of `POST /vms/{id}/ssh-keys`. */
export const AddSshKeyRequest = z
  .strictObject({ key: SshPublicKey, name: SshKeyName })
  .meta({ id: 'AddSshKeyRequest', description: 'One more key for a running VM.' });
export type AddSshKeyRequest = z.infer<typeof AddSshKeyRequest>;

/** A key beside the VM's first one. */
export const SshKey = z
  .object({
    name: z.string(),
    key: SshPublicKey,
    state: z
      .enum(['adding', 'active', 'removing'])
      .describe('adding: the guest is to get it; active: it logs in; removing: the guest is to lose it.'),
  })
  .meta({ id: 'SshKey', description: 'A named public key.' });
export type SshKey = z.infer<typeof SshKey>;

import { z } from 'zod';

const KEY_TYPES = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);
const MAX_LENGTH = 8192;
// Shorter blobs cannot hold a key: an Ed25519 key, the shortest, has 51 bytes.
const MIN_BLOB_BYTES = 51;

/** The first length-prefixed string of an SSH wire-format blob (RFC 4253, 6.6): the key's own statement of its type. */
function blobType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length <= blob.length - 4 ? blob.subarray(4, 4 + length).toString('latin1') : undefined;
}

function isPublicKeyLine(line: string): boolean {
  // One line of printable text: anything else could add a line, and with it options, to authorized_keys.
  if (!/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(line)) return false;
  const [type, base64] = line.split(' ');
  if (type === undefined || base64 === undefined || !KEY_TYPES.has(type)) return false;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return false;
  const blob = Buffer.from(base64, 'base64');
  return blob.length >= MIN_BLOB_BYTES && blobType(blob) === type;
}

/**
 * One OpenSSH public key, `type base64 [comment]`, without options. Blanks around it are trimmed and those inside made single;
 * a line break inside, an unknown type, or a body that is not a key of that type is refused. DSA is not accepted (OpenSSH dropped it).
 */
export const SshPublicKey = z
  .string()
  .max(MAX_LENGTH)
  .trim()
  // One blank between the parts, as cloud-init writes them: guests are searched for the line as a whole.
  .overwrite((line) => line.replace(/\p{Zs}+/gu, ' '))
  .refine(isPublicKeyLine, 'must be one OpenSSH public key, such as the line in ~/.ssh/id_ed25519.pub')
  .brand<'SshPublicKey'>()
  .meta({
    id: 'SshPublicKey',
    description: 'An OpenSSH public key.',
    example: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@example.org',
  });
export type SshPublicKey = z.infer<typeof SshPublicKey>;

/** Whether two lines hold the same key, whatever their comments. */
export function isSameKey(a: SshPublicKey, b: SshPublicKey): boolean {
  const keyOf = (line: string): string => line.split(' ', 2).join(' ');
  return keyOf(a) === keyOf(b);
}

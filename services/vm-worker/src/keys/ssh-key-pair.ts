import { SshPublicKey } from '@golem-provider/contracts';
// sshpk is CommonJS without names that Node's ES module loader could see.
import sshpk from 'sshpk';

/** A key pair for ssh. */
export interface SshKeyPair {
  /** `type base64 comment`. */
  readonly publicKey: SshPublicKey;
  /** OpenSSH format, ending with a line break. Secret. */
  readonly privateKey: string;
}

/** A new Ed25519 key pair; the comment helps people to tell keys apart. */
export function makeSshKeyPair(comment: string): SshKeyPair {
  const key = sshpk.generatePrivateKey('ed25519');
  key.comment = comment;
  const publicKey = key.toPublic();
  publicKey.comment = comment;
  const privateKey = key.toString('openssh');
  return {
    publicKey: SshPublicKey.parse(publicKey.toString('ssh')),
    privateKey: privateKey.endsWith('\n') ? privateKey : `${privateKey}\n`,
  };
}

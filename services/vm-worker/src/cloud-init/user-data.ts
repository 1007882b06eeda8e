import type { SshPublicKey, VmId } from '@golem-provider/contracts';
import { Document, Scalar, visit } from 'yaml';
import { GUEST_USER } from '../hypervisor/guest-command.ts';

/** What a guest is told of itself. */
export interface GuestIdentity {
  readonly hostname: VmId;
  /** Lines of `authorized_keys`. */
  readonly authorizedKeys: readonly string[];
  /** OpenSSH format. Secret. */
  readonly hostPrivateKey: string;
  readonly hostPublicKey: SshPublicKey;
}

/**
 * Renders cloud-init user-data: one user with sudo and the given keys, no password login, the ssh host key that we made,
 * no package upgrade (it would delay the first login by minutes). Pure.
 *
 * Texts of more than one line are literal blocks: Multipass reads and writes the document again and drops quotes then,
 * which would change the type of a quoted scalar, but not of a block.
 */
export function renderUserData({ hostname, authorizedKeys, hostPrivateKey, hostPublicKey }: GuestIdentity): string {
  const document = new Document({
    hostname,
    manage_etc_hosts: true,
    ssh_pwauth: false,
    disable_root: true,
    package_update: false,
    package_upgrade: false,
    users: [
      {
        name: GUEST_USER,
        gecos: 'Ubuntu',
        groups: ['adm', 'sudo'],
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        shell: '/bin/bash',
        lock_passwd: true,
        ssh_authorized_keys: [...authorizedKeys],
      },
    ],
    // Given keys are the only ones: cloud-init then makes none of its own.
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostPrivateKey, ed25519_public: hostPublicKey },
  });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && node.value.includes('\n')) node.type = Scalar.BLOCK_LITERAL;
    },
  });
  return `#cloud-config\n${document.toString({ lineWidth: 0 })}`;
}

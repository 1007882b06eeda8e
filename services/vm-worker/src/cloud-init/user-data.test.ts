import { describe, expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import { parse } from 'yaml';
import { makeSshKeyPair } from '../keys/ssh-key-pair.ts';
import { renderUserData } from './user-data.ts';

describe('renderUserData', () => {
  const login = makeSshKeyPair('ubuntu@test: "quoted" # not a comment');
  const host = makeSshKeyPair('root@test');
  const text = renderUserData({
    hostname: VmId.parse('golem-web-20260101-000000'),
    authorizedKeys: [login.publicKey],
    hostPrivateKey: host.privateKey,
    hostPublicKey: host.publicKey,
  });

  it('is what cloud-init takes: a YAML document behind its first line', () => {
    expect(text.startsWith('#cloud-config\n')).toBe(true);
    expect(parse(text)).toEqual({
      hostname: 'golem-web-20260101-000000',
      manage_etc_hosts: true,
      ssh_pwauth: false,
      disable_root: true,
      package_update: false,
      package_upgrade: false,
      users: [
        {
          name: 'ubuntu',
          gecos: 'Ubuntu',
          groups: ['adm', 'sudo'],
          sudo: 'ALL=(ALL) NOPASSWD:ALL',
          shell: '/bin/bash',
          lock_passwd: true,
          ssh_authorized_keys: [login.publicKey],
        },
      ],
      ssh_deletekeys: true,
      ssh_keys: { ed25519_private: host.privateKey, ed25519_public: host.publicKey },
    });
  });

  it('writes private keys as literal blocks, which survive being read and written without quotes', () => {
    expect(text).toContain('ed25519_private: |\n');
  });
});

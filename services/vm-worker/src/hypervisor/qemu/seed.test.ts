import { describe, expect, it } from '@jest/globals';
import { ImageName, SshPublicKey, VmId } from '@golem-provider/contracts';
import { seedFiles } from './seed.ts';

const files = seedFiles({
  id: VmId.parse('golem-web-20260101-000000'),
  spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
  image: ImageName.parse('debian:12'),
  userData: '#cloud-config\n{}\n',
  authorizedKeys: ['ssh-ed25519 AAAA one', 'ssh-ed25519 BBBB two\n'],
  hostPrivateKey: '-----BEGIN\nx\n-----END',
  hostPublicKey: SshPublicKey.parse('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'),
  managementPrivateKey: null,
});

describe('seedFiles', () => {
  it.each([
    ['meta-data', 'instance-id: golem-web-20260101-000000\nlocal-hostname: golem-web-20260101-000000\n'],
    ['user-data', '#cloud-config\n{}\n'],
    ['vm-seed/hostname', 'golem-web-20260101-000000\n'],
    ['vm-seed/authorized_keys', 'ssh-ed25519 AAAA one\nssh-ed25519 BBBB two\n'],
    ['vm-seed/ssh_host_ed25519_key', '-----BEGIN\nx\n-----END\n'],
  ])('holds %s', (name, content) => {
    expect(files.get(name)).toBe(content);
  });
  it("names public name servers, as the host's own is out of reach", () => {
    expect(files.get('network-config')).toContain('use-dns: false');
    expect(files.get('network-config')).toContain('[9.9.9.9, 1.1.1.1]');
  });
});

import { stat } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { sshArguments, withSshFiles } from './ssh-login.ts';

const ACCESS = {
  vm_id: 'golem-web-20260101-000000',
  ssh_host: '203.0.113.1',
  ssh_port: 50_800,
  ssh_user: 'ubuntu',
  ssh_key: { public_key: 'ssh-ed25519 AAAA', private_key: 'SECRET\n' },
  ssh_host_key: 'ssh-ed25519 BBBB',
};

describe('sshArguments', () => {
  it('holds the guest to its host key and uses its login key alone', () => {
    const args = sshArguments(ACCESS, { identity: '/k/identity', knownHosts: '/k/known' }, ['uname', '-a']);
    expect(args).toEqual(expect.arrayContaining(['StrictHostKeyChecking=yes', 'UserKnownHostsFile=/k/known']));
    expect(args).toEqual(expect.arrayContaining(['IdentitiesOnly=yes', '-i', '/k/identity']));
    expect(args.slice(-5)).toEqual(['-p', '50800', 'ubuntu@203.0.113.1', 'uname', '-a']);
  });
  it("uses the user's own keys where the requestor brought one", () => {
    const args = sshArguments(ACCESS, { identity: undefined, knownHosts: undefined }, []);
    expect(args).not.toContain('-i');
    expect(args).toEqual(expect.arrayContaining(['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null']));
  });
});

describe('withSshFiles', () => {
  it('keeps the key for the user alone, and only as long as it is needed', async () => {
    const path = await withSshFiles(ACCESS, async ({ identity = '' }) => {
      expect((await stat(identity)).mode & 0o777).toBe(0o600);
      return identity;
    });
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

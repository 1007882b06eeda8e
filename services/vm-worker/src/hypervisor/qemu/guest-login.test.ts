import { describe, expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import { guestCall } from '../guest-command.ts';
import { loginCommand } from './guest-login.ts';

const id = VmId.parse('golem-web-20260101-000000');

describe('the command line of ssh', () => {
  const call = guestCall(id, ['cat', "it's $(me)"], { input: 'secret' });
  const command = loginCommand(id, '/data/instances/one', 40_000, call);
  const words = command.args.join(' ');

  it('runs in the directory of the machine, held to its host key and to its own key', () => {
    expect(command).toMatchObject({ program: 'ssh', directory: '/data/instances/one', input: 'secret' });
    for (const option of ['BatchMode=yes', 'StrictHostKeyChecking=yes', `HostKeyAlias=${id}`, 'IdentitiesOnly=yes'])
      expect(words).toContain(`-o ${option}`);
    expect(words).toContain('-o IdentityFile=management_key -o');
    expect(words).toContain('-o UserKnownHostsFile=known_hosts -o');
    expect(words).not.toContain('/data');
    expect(words).not.toContain('secret');
  });

  it('gives the guest one argument, in which nothing is left to be expanded', () => {
    const [inner = '', ...before] = [...command.args].reverse();

    expect(before.slice(0, 2)).toEqual(['--', 'ubuntu@127.0.0.1']);
    expect(inner.endsWith(` 'cat' 'it'\\''s $(me)'`)).toBe(true);
  });
});

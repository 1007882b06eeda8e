import { describe, expect, it } from '@jest/globals';
import { isSameKey, SshPublicKey } from './ssh-key.ts';
import { AddSshKeyRequest } from './vm-ssh-key.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcYFo4Z4cOGQd2kUfdxGW/a+zQFZtk9Fm4M1T+0C9rE';

describe('SshPublicKey', () => {
  it.each([
    ['as it is', `${KEY} me@example.org`, `${KEY} me@example.org`],
    ['without blanks around it', `  ${KEY} me  `, `${KEY} me`],
    ['with single blanks inside', `${KEY.replace(' ', '  ')}   me  and   you`, `${KEY} me and you`],
    ['with blanks that cloud-init would drop', `${KEY} \u00a0\u2003me`, `${KEY} me`],
  ])('takes a key %s', (_, text, line) => {
    expect(SshPublicKey.parse(text)).toBe(line);
  });

  it.each([
    `${KEY}\tme`,
    `${KEY} me\nssh-ed25519`,
    `${KEY} \u2028x`,
    `restrict ${KEY}`,
    `-o ${KEY}`,
    '',
    'ssh-ed25519',
  ])('refuses %j', (text) => {
    expect(SshPublicKey.safeParse(text).success).toBe(false);
  });
});

describe('isSameKey', () => {
  it('looks at the key and not at what is said about it', () => {
    expect(isSameKey(SshPublicKey.parse(`${KEY} a`), SshPublicKey.parse(KEY))).toBe(true);
    expect(isSameKey(SshPublicKey.parse(`${KEY} a`), SshPublicKey.parse(`${OTHER} a`))).toBe(false);
  });
});

describe('AddSshKeyRequest', () => {
  it.each(['a', 'laptop', 'work_2.old', 'A-1'])('takes the name %j', (name) => {
    expect(AddSshKeyRequest.safeParse({ key: KEY, name }).success).toBe(true);
  });

  it.each(['', '.', '-a', 'a-', '..', 'a/b', 'a b', '$(id)', 'a\n', 'a'.repeat(65)])('refuses the name %j', (name) => {
    expect(AddSshKeyRequest.safeParse({ key: KEY, name }).success).toBe(false);
  });

  it('takes no options', () => {
    expect(AddSshKeyRequest.safeParse({ key: KEY, name: 'a', options: 'x' }).success).toBe(false);
  });
});

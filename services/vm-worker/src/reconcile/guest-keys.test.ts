import { describe, expect, it } from '@jest/globals';
import { type SshKey, SshPublicKey } from '@golem-provider/contracts';
import { keysOfNewGuest, managementLine, renderKeyChange, settleKeys } from './guest-keys.ts';

const A = SshPublicKey.parse('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcYFo4Z4cOGQd2kUfdxGW/a+zQFZtk9Fm4M1T+0C9rE a');
const B = SshPublicKey.parse('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl b');
const a = (state: SshKey['state']): SshKey => ({ name: 'a', key: A, state });
const b = (state: SshKey['state']): SshKey => ({ name: 'b', key: B, state });

describe('renderKeyChange', () => {
  it('is nothing where all is as wished', () => {
    expect(renderKeyChange([])).toBeUndefined();
    expect(renderKeyChange([a('active')])).toBeUndefined();
  });

  it('says by standard input what is to go and then what is to come; no key is in the command', () => {
    const change = renderKeyChange([a('adding'), b('removing')]);

    expect(change?.input).toBe(`-${B}\n+${A}\n`);
    expect(change?.command.join(' ')).not.toContain('AAAA');
    expect(change?.command.join(' ')).not.toContain('\n');
  });
});

describe('settleKeys', () => {
  it.each([
    ['notes what was done', [a('adding'), b('removing')], [a('adding'), b('removing')], [a('active')]],
    ['leaves what came meanwhile', [a('adding'), b('adding')], [a('adding')], [a('active'), b('adding')]],
    ['does not take for there what is to go now', [a('removing')], [a('adding')], [a('removing')]],
    ['does not take for gone what is to come again', [a('adding')], [a('removing')], [a('adding')]],
    ['leaves what was there', [a('active')], [a('active')], [a('active')]],
    ['is content where a key is gone', [], [a('adding')], []],
  ])('%s', (_, now, applied, settled) => {
    expect(settleKeys(now, applied)).toEqual(settled);
  });
});

it('gives a new guest all keys but those that are to go', () => {
  expect(keysOfNewGuest([a('adding'), b('removing')])).toEqual([A]);
  expect(keysOfNewGuest([a('active'), b('active')])).toEqual([A, B]);
});

it('lets the key of the provider run commands and nothing else', () => {
  expect(managementLine(A)).toBe(`restrict ${A}`);
});

import { describe, expect, it } from '@jest/globals';
import { MAX_SSH_KEYS, type SshKey, SshPublicKey } from '@golem-provider/contracts';
import { vmRecord } from '@golem-provider/testing';
import { addKeyIntent, type KeyIntent, type KeyState, removeKeyIntent } from './key-intent.ts';

/** A public key of its own for each number. */
function publicKey(number: number, comment = ''): SshPublicKey {
  const head = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');
  const body = Buffer.alloc(32);
  body.writeUInt32BE(number);
  return SshPublicKey.parse(`ssh-ed25519 ${Buffer.concat([head, body]).toString('base64')} ${comment}`);
}

const A = publicKey(1, 'a');
const B = publicKey(2, 'b');
const FIRST = publicKey(3);

function vm(keys: readonly SshKey[], change: Partial<KeyState> = {}): KeyState {
  const record = vmRecord({ status: 'running', ssh_keys: [...keys], ...change });
  return { ...record, keys: { ...record.keys, public_key: FIRST } };
}
const named = (name: string, key: SshPublicKey, state: SshKey['state'] = 'active'): SshKey => ({ name, key, state });
const summary = (intent: KeyIntent): unknown => {
  switch (intent.verdict) {
    case 'accept':
      return intent.keys.map(({ name, state }) => `${name} ${state}`);
    case 'refused':
      return intent.code;
    case 'wished':
    case 'settled':
      return intent.verdict;
  }
};

describe('addKeyIntent', () => {
  it.each([
    ['takes a first key', vm([]), 'a', A, ['a adding']],
    ['takes one more behind the others', vm([named('a', A)]), 'b', B, ['a active', 'b adding']],
    ['is content with what is there', vm([named('a', A)]), 'a', A, 'settled'],
    ['looks at the key, not at its comment', vm([named('a', A)]), 'a', publicKey(1, 'other'), 'settled'],
    ['waits for what is on its way', vm([named('a', A, 'adding')]), 'a', A, 'wished'],
    ['takes back what was to go', vm([named('a', A, 'removing')]), 'a', A, ['a adding']],
    ['gives a name to one key only', vm([named('a', A)]), 'a', B, 'SSH_KEY_NAME_TAKEN'],
    ['gives no name away before its key has gone', vm([named('a', A, 'removing')]), 'a', B, 'SSH_KEY_NAME_TAKEN'],
    ['takes no key under a second name', vm([named('a', A)]), 'b', publicKey(1), 'SSH_KEY_DUPLICATE'],
    ['takes no name for the first key', vm([]), 'a', publicKey(3, 'mine'), 'SSH_KEY_DUPLICATE'],
    ['waits for a VM that starts', vm([], { status: 'starting' }), 'a', A, 'VM_STATE_CONFLICT'],
    ['refuses one that is off', vm([], { desired: 'stopped', status: 'stopped' }), 'a', A, 'VM_STATE_CONFLICT'],
    ['refuses one that goes down', vm([], { desired: 'stopped', status: 'running' }), 'a', A, 'VM_STATE_CONFLICT'],
  ])('%s', (_, record, name, key, outcome) => {
    expect(summary(addKeyIntent(record, { name, key }))).toEqual(outcome);
  });

  it('takes so many keys and no more', () => {
    const keys = Array.from({ length: MAX_SSH_KEYS }, (_, index) => named(`k${index}`, publicKey(100 + index)));

    expect(summary(addKeyIntent(vm(keys), { name: 'a', key: A }))).toBe('SSH_KEYS_EXHAUSTED');
    expect(summary(addKeyIntent(vm(keys.slice(1)), { name: 'a', key: A }))).toHaveLength(MAX_SSH_KEYS);
  });
});

describe('removeKeyIntent', () => {
  const keys = [named('a', A), named('b', B, 'adding'), named('c', publicKey(4), 'removing')];

  it.each([
    ['withdraws a key', vm(keys), 'a', ['a removing', 'b adding', 'c removing']],
    ['withdraws one that is on its way', vm(keys), 'b', ['a active', 'b removing', 'c removing']],
    ['waits for what is going', vm(keys), 'c', 'wished'],
    ['knows no other', vm(keys), 'd', 'SSH_KEY_NOT_FOUND'],
    ['knows no other of a VM that is off either', vm(keys, { status: 'stopped' }), '../a', 'SSH_KEY_NOT_FOUND'],
    ['refuses a VM that is off', vm(keys, { desired: 'stopped', status: 'stopped' }), 'a', 'VM_STATE_CONFLICT'],
  ])('%s', (_, record, name, outcome) => {
    expect(summary(removeKeyIntent(record, name))).toEqual(outcome);
  });
});

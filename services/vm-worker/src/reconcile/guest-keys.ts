import type { SshKey, SshPublicKey } from '@golem-provider/contracts';

// One line, as it passes through the quoting of others. Each line of the input is + or - and a line of authorized_keys. What is
// there already, and all that is not named, stays as it is; the file is replaced as a whole, and only where it changes.
const SCRIPT = [
  'set -eu',
  'export LC_ALL=C',
  'umask 077',
  'mkdir -p "$HOME/.ssh"',
  'file=$(readlink -f "$HOME/.ssh/authorized_keys")',
  '[ -e "$file" ] || : > "$file"',
  'new=$file.new',
  'rest=$file.rest',
  `trap 'rm -f "$new" "$rest"' EXIT`,
  'cp -p "$file" "$new"',
  [
    'while IFS= read -r line; do key=${line#?}; case $line in',
    '+*) if ! grep -qxF -e "$key" "$new"; then',
    'if [ -n "$(tail -c 1 "$new")" ]; then echo >> "$new"; fi; printf "%s\\n" "$key" >> "$new"; fi ;;',
    '-*) if grep -qxF -e "$key" "$new"; then',
    '{ grep -vxF -e "$key" "$new" || [ $? -eq 1 ]; } > "$rest"; cat "$rest" > "$new"; fi ;;',
    'esac; done',
  ].join(' '),
  'if ! cmp -s "$file" "$new"; then sync "$new"; mv -f "$new" "$file"; fi',
].join('; ');

/** A command for a guest and its standard input. */
export interface KeyChange {
  readonly command: readonly string[];
  readonly input: string;
}

/** What brings a guest's `authorized_keys` to what the states of the keys say; undefined where nothing is to be done. Pure. */
export function renderKeyChange(keys: readonly SshKey[]): KeyChange | undefined {
  const lines = (state: SshKey['state'], sign: string): string[] =>
    keys.filter((key) => key.state === state).map(({ key }) => `${sign}${key}\n`);
  // Added last: one that is withdrawn under a name and added under another stays.
  const input = [...lines('removing', '-'), ...lines('adding', '+')].join('');
  return input === '' ? undefined : { command: ['sh', '-c', SCRIPT], input };
}

/**
 * The keys of a VM after a guest was brought to what `applied` says. Pure. What was asked for meanwhile still stands.
 */
export function settleKeys(keys: readonly SshKey[], applied: readonly SshKey[]): SshKey[] {
  const wasApplied = ({ name, key, state }: SshKey): boolean =>
    applied.some((other) => other.name === name && other.key === key && other.state === state);
  return keys.flatMap((key): SshKey[] => {
    if (!wasApplied(key)) return [key];
    return key.state === 'removing' ? [] : [{ ...key, state: 'active' }];
  });
}

/** The keys that a new guest is to authorise from its first boot on. */
export function keysOfNewGuest(keys: readonly SshKey[]): SshPublicKey[] {
  return keys.flatMap(({ key, state }) => (state === 'removing' ? [] : [key]));
}

/** A line of `authorized_keys` for the key by which the provider runs commands: no terminal, no forwarding of anything. */
export function managementLine(key: SshPublicKey): string {
  return `restrict ${key}`;
}

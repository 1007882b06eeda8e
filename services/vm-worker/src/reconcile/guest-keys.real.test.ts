import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SshKey, SshPublicKey } from '@golem-provider/contracts';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { createCommandRunner } from '../exec/command-runner.ts';
import { renderKeyChange } from './guest-keys.ts';

const A = SshPublicKey.parse(
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcYFo4Z4cOGQd2kUfdxGW/a+zQFZtk9Fm4M1T+0C9rE it's $(me) \\n \u00e9 *",
);
const B = SshPublicKey.parse('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl');
const run = createCommandRunner(process.env);

let home: TemporaryDirectory;
let file: string;
beforeEach(async () => {
  home = await temporaryDirectory();
  file = join(home.path, '.ssh', 'authorized_keys');
});
afterEach(() => home.dispose());

function key(key: SshPublicKey, state: SshKey['state']): SshKey {
  return { name: 'one', key, state };
}

/** Runs the change as the user of a guest with that home. */
async function apply(...keys: SshKey[]): Promise<number> {
  const change = renderKeyChange(keys);
  if (change === undefined) throw new Error('nothing is to be done');
  const [program = '', ...args] = change.command;
  const command = { program, args, input: change.input, env: { HOME: home.path }, timeoutMs: 30_000 };
  return (await run(command, { signal: AbortSignal.timeout(30_000) })).exitCode;
}
async function fill(text: string): Promise<void> {
  await mkdir(join(home.path, '.ssh'));
  await writeFile(file, text);
}

describe('a change of the keys in a guest', () => {
  it.each([
    ['adds a line to an empty file', '', [key(A, 'adding')], `${A}\n`],
    ['adds nothing that is there', `${B}\n${A}\n`, [key(A, 'adding')], `${B}\n${A}\n`],
    ['leaves a last line whole that has no end', `${B} x`, [key(A, 'adding')], `${B} x\n${A}\n`],
    ['removes the line', `${B}\n${A}\n`, [key(A, 'removing')], `${B}\n`],
    ['removes the last line', `${A}\n`, [key(A, 'removing')], ''],
    ['removes no line that only begins alike', `${B} me\n${B}\n`, [key(B, 'removing')], `${B} me\n`],
    ['removes no line with options', `from="10.0.0.1" ${B}\n`, [key(B, 'removing')], `from="10.0.0.1" ${B}\n`],
    ['removes nothing that is not there', `# mine\n\n${B}`, [key(A, 'removing')], `# mine\n\n${B}`],
    ['does both', `${A}\n# mine\n`, [key(B, 'adding'), key(A, 'removing')], `# mine\n${B}\n`],
    [
      'keeps a key that goes under one name and comes under another',
      `${A}\n`,
      [key(A, 'adding'), key(A, 'removing')],
      `${A}\n`,
    ],
    ['leaves keys alone that are as they should be', `x\n`, [key(B, 'active'), key(A, 'adding')], `x\n${A}\n`],
  ])('%s', async (_, before, keys, after) => {
    await fill(before);

    expect(await apply(...keys)).toBe(0);

    expect(await readFile(file, 'utf8')).toBe(after);
    expect(await readdir(join(home.path, '.ssh'))).toEqual(['authorized_keys']);
  });

  it('makes what is missing, for its user alone', async () => {
    expect(await apply(key(A, 'adding'))).toBe(0);

    expect(await readFile(file, 'utf8')).toBe(`${A}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(home.path, '.ssh'))).mode & 0o777).toBe(0o700);
  });

  it('keeps the rights of the file, and follows where it leads', async () => {
    await fill('');
    await writeFile(join(home.path, 'elsewhere'), 'x\n');
    await chmod(join(home.path, 'elsewhere'), 0o644);
    await run({ program: 'rm', args: [file], timeoutMs: 30_000 }, { signal: AbortSignal.timeout(30_000) });
    await symlink('../elsewhere', file);

    expect(await apply(key(A, 'adding'))).toBe(0);

    expect(await readFile(join(home.path, 'elsewhere'), 'utf8')).toBe(`x\n${A}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o644);
  });

  it('fails where it cannot be made, and leaves the file as it was', async () => {
    await writeFile(join(home.path, '.ssh'), 'no directory');

    expect(await apply(key(A, 'adding'))).not.toBe(0);
  });
});

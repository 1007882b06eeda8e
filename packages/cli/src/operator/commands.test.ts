import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import type { CommandContext } from '../commands/command-context.ts';
import { addOperatorCommands } from './commands.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../../docs/cli.md'), 'utf8');
/** What the table of commands has in its first column. */
const NAMED = [...PAGE.matchAll(/^\| (`.*?) +\| /gm)].flatMap(([, cell = '']) => cell.split(', '));
/** Nothing is run here. */
const context: CommandContext = {
  root: '/nowhere',
  environment: {},
  cwd: '/nowhere',
  write: () => undefined,
  tell: () => undefined,
  isTerminal: false,
  signal: new AbortController().signal,
  outputGone: new AbortController().signal,
  onImpatience: () => undefined,
};

/** Every command that does something, with the words that lead to it. */
function leaves(command: Command, words: readonly string[] = []): (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[words.join(' '), command]];
  return command.commands.flatMap((child) => leaves(child, [...words, child.name()]));
}

const program = new Command('golem-provider');
addOperatorCommands(program, context, () => undefined);

describe('docs/cli.md', () => {
  it.each(leaves(program))('tells of %s, with each of its options', (words, command) => {
    // `list` is what a group does when nothing more is said.
    const verb =
      words
        .replace(/ list$/, '')
        .split(' ')
        .at(-1) ?? '';
    expect(NAMED.filter((code) => new RegExp(`\\b${verb}\\b`).test(code))).not.toEqual([]);
    for (const { long } of command.options) expect(PAGE).toContain(long);
  });
});

import { rm } from 'node:fs/promises';
import { CommandError, type CommandContext } from './command-context.ts';
import { stopProvider } from './stop.ts';

/** Asks a person a question and resolves with the answer; undefined where nobody can be asked. */
export type Ask = ((question: string) => Promise<string>) | undefined;

/**
 * Stops everything, removes all VMs and then the data directory. Nothing is removed unless `isConfirmed` or a person types
 * so, and nothing when the VMs could not be removed.
 */
export async function purgeCommand(context: CommandContext, isConfirmed: boolean, ask: Ask): Promise<void> {
  if (!isConfirmed) {
    if (ask === undefined) {
      throw new CommandError('This removes all VMs and their data for good: `npm run purge -- --yes`.');
    }
    const answer = await ask('This removes all VMs and their data for good. Type purge to go on: ');
    if (answer.trim() !== 'purge') throw new CommandError('Nothing was removed.');
  }
  await stopProvider(context, 'remove', async ({ root }) => {
    await rm(root, { recursive: true, force: true });
    context.write(`Removed ${root}.\n`);
  });
}

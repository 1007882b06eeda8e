/** Runs a command of packages/cli, which is compiled first where it never was. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkNodeVersion, ROOT } from './lib/host.js';
import { runScript } from './lib/run.js';
import { createStages } from './lib/stages.js';
import { ensureWorkspace } from './lib/workspace.js';

const COMMANDS = join(ROOT, 'packages/cli/dist/main.js');

await runScript(async () => {
  checkNodeVersion();
  // What was compiled last is what runs, and it can be stopped even while the sources do not compile.
  if (!existsSync(COMMANDS)) await ensureWorkspace(createStages());
  process.argv = [process.execPath, COMMANDS, ...process.argv.slice(2)];
  await import(COMMANDS);
});

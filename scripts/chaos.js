/** `npm run test:chaos [-- options]`: installs and compiles what is missing, then runs the crash suite; see `docs/testing.md`. */
import { join } from 'node:path';
import { checkNodeVersion, ROOT } from './lib/host.js';
import { ensurePackages } from './lib/packages.js';
import { allOrFail, run, runScript } from './lib/run.js';
import { createStages } from './lib/stages.js';
import { ensureWorkspace } from './lib/workspace.js';

await runScript(async () => {
  checkNodeVersion();
  const stages = createStages((line) => console.error(line));
  await allOrFail([
    stages.run('packages', () => ensurePackages('test', (text) => stages.say('packages', text))),
    ensureWorkspace(stages),
  ]);
  const args = [join(ROOT, 'chaos/dist/main.js'), ...process.argv.slice(2)];
  const { code } = await run(process.execPath, args, { isShown: true });
  process.exitCode = code;
});

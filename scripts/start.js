/**
 * `npm start`: brings up the node on this machine, from whatever is there. Installs the system's packages and the
 * dependencies that are missing, compiles, prepares the guest image, then becomes the supervisor of the services.
 *
 * Exit codes beside those of the supervisor: 77 when the operator has to install packages first.
 */
import { join } from 'node:path';
import { checkNodeVersion, ROOT } from './lib/host.js';
import { ensurePackages } from './lib/packages.js';
import { allOrFail, Failure, run, runScript } from './lib/run.js';
import { createStages } from './lib/stages.js';
import { ensureWorkspace } from './lib/workspace.js';

const PREPARE_HOST = join(ROOT, 'services/vm-worker/dist/prepare-host.js');
const COMMANDS = join(ROOT, 'packages/cli/dist/main.js');

await runScript(async () => {
  checkNodeVersion();
  const stages = createStages();
  // Neither needs the other, and both wait for the network most of the time.
  await allOrFail([
    stages.run('packages', () => ensurePackages('run', (text) => stages.say('packages', text))),
    ensureWorkspace(stages),
  ]);
  await stages.run('host', async () => {
    const { code } = await run(process.execPath, [PREPARE_HOST], { isShown: true });
    if (code !== 0) throw new Failure('The host could not be prepared; the lines above say why.', code);
  });
  // In this very process: a terminal's signals then reach one process, the one that knows what to do with them.
  process.argv = [process.execPath, COMMANDS, 'start', ...process.argv.slice(2)];
  await import(COMMANDS);
});

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@golem-provider/service-kit';
import { describeHypervisorContract } from '../contract/hypervisor-contract.ts';
import { multipassFixture } from './testing/multipass-fixture.ts';

const FOREIGN = 'theirs';
const isOurs = (text: string): boolean => text.includes('golem-');

async function filesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

describeHypervisorContract('Multipass', 30_000, async () => {
  const fixture = await multipassFixture(process.env);
  const { emulator } = fixture;
  return {
    hypervisor: fixture.hypervisor,
    newSpec: (overrides) => fixture.newSpec(overrides),
    areSizesReal: false,
    login: (target, command) => fixture.login(target, command),
    async makeForeign() {
      await fixture.multipass('launch', '22.04', '--name', FOREIGN);
    },
    async leftovers() {
      const instances = (await fixture.multipass('list', '--format', 'csv', '--no-ipv4')).split('\n').slice(1);
      const files = await filesIn(join(emulator.directory, 'guests'));
      return [...instances, ...files, ...(await emulator.guestProcesses())].filter(isOurs);
    },
    dispose: () => fixture.dispose(),
  };
});

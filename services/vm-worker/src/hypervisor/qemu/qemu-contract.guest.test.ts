import { readdir } from 'node:fs/promises';
import { ImageName } from '@golem-provider/contracts';
import { testGuestImage } from '../../testing/guest-image.ts';
import { qemuFixture, testVmId } from '../../testing/qemu-fixture.ts';
import { describeHypervisorContract } from '../contract/hypervisor-contract.ts';
import { findProcesses } from './process-table.ts';
import { recogniseMachine } from './qemu-command.ts';

const MINUTE_MS = 60_000;

describeHypervisorContract('QEMU', 4 * MINUTE_MS, async () => {
  const image = await testGuestImage(process.env, AbortSignal.timeout(20 * MINUTE_MS));
  const fixture = await qemuFixture(process.env);
  await fixture.images.importImage(image);
  let count = 0;
  const names = new Set<string>();
  return {
    hypervisor: fixture.hypervisor,
    newSpec(overrides = {}) {
      count += 1;
      const id = testVmId(`contract-${count}`);
      names.add(id);
      const spec = fixture.instance(id, { cpu_cores: 1, memory_gb: 1, storage_gb: 5 });
      return { ...spec, image: ImageName.parse('debian:12'), ...overrides };
    },
    areSizesReal: true,
    login: async (target, command) => (await fixture.ssh(target.port, command)).stdout,
    async leftovers() {
      const processes = await findProcesses((argv) => names.has(recogniseMachine(argv)?.name ?? ''));
      return [...(await readdir(fixture.data.instances)), ...processes.map(({ pid }) => `process ${pid}`)];
    },
    dispose: () => fixture.dispose(),
  };
});

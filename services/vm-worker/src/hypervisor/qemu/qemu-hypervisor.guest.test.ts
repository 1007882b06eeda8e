import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GUEST_UIDS } from '@golem-provider/contracts';
import { eventually } from '@golem-provider/testing';
import { testGuestImage } from '../../testing/guest-image.ts';
import { qemuFixture, type QemuFixture, testVmId } from '../../testing/qemu-fixture.ts';
import type { CallContext } from '../hypervisor.ts';
import { findProcesses } from './process-table.ts';
import { recogniseMachine } from './qemu-command.ts';

const MINUTE_MS = 60_000;
const context = (): CallContext => ({ signal: AbortSignal.timeout(3 * MINUTE_MS) });

describe('a guest under the QEMU driver', () => {
  let fixture: QemuFixture;
  const id = testVmId('life');

  const processesOf = () => findProcesses((argv) => recogniseMachine(argv)?.name === id);

  beforeAll(async () => {
    const signal = AbortSignal.timeout(20 * MINUTE_MS);
    const image = await testGuestImage(process.env, signal);
    fixture = await qemuFixture(process.env);
    await fixture.images.importImage(image);
  }, 20 * MINUTE_MS);

  afterAll(() => fixture.dispose(), MINUTE_MS);

  it(
    'is made, started, logged in to, stopped, started again and deleted without a trace',
    async () => {
      const { hypervisor } = fixture;
      const ssh = (port: number, command: string) => fixture.ssh(port, command);

      const { version, guestNetwork } = await hypervisor.probe(context());
      expect(version).toMatch(/^\d+\.\d+/);
      expect(await hypervisor.observe(id, context())).toMatchObject({ power: 'absent', sshTarget: null });
      await hypervisor.create(fixture.instance(id, { cpu_cores: 2, memory_gb: 1, storage_gb: 5 }), context());
      expect(await hypervisor.observe(id, context())).toMatchObject({ power: 'stopped', ipAddress: null });
      await hypervisor.start(id, context());
      await hypervisor.start(id, context());
      expect(await hypervisor.observe(id, context())).toMatchObject({ power: 'running', ipAddress: '127.0.0.1' });

      // The first login is also the proof of the host key.
      const port = await fixture.untilLogin(id, 3 * MINUTE_MS);
      const seen = await ssh(port, 'nproc; grep MemTotal /proc/meminfo; lsblk -bdno SIZE /dev/vda; hostname; id -un');
      const [cores, memory, disk, hostname, user] = seen.stdout.trim().split('\n');
      expect({ cores, disk, hostname, user }).toEqual({
        cores: '2',
        disk: String(5 * 1024 ** 3),
        hostname: id,
        user: 'ubuntu',
      });
      const memoryKiB = Number(/\d+/.exec(memory ?? '')?.[0]);
      expect(memoryKiB).toBeGreaterThan(900 * 1024);
      expect(memoryKiB).toBeLessThanOrEqual(1024 ** 2);

      // A driver that knows nothing finds the same: the machine does not depend on the one that started it.
      const again = fixture.again();
      expect([...(await again.list(context()))]).toEqual([[id, await hypervisor.observe(id, context())]]);
      const [running] = await processesOf();
      const parentGroup = (await readFile('/proc/self/stat', 'utf8')).split(' ')[5];
      const ownGroup = (await readFile(`/proc/${running?.pid ?? 0}/stat`, 'utf8')).split(' ')[5];
      expect(ownGroup).not.toBe(parentGroup);
      if (process.getuid?.() === 0) {
        expect(running?.uid).toBeGreaterThanOrEqual(GUEST_UIDS.first);
        expect((await stat(join(fixture.data.instances, id, 'seed.iso'))).mode & 0o777).toBe(0o600);
      }
      expect(['internet', 'isolated']).toContain(guestNetwork);

      // A guest that reboots stays up.
      const boot = (): Promise<string> => ssh(port, 'cat /proc/sys/kernel/random/boot_id').then(({ stdout }) => stdout);
      const firstBoot = await boot();
      await ssh(port, 'sudo systemctl reboot');
      await eventually(
        async () => {
          const now = await boot();
          expect(now).toMatch(/^[0-9a-f-]{36}\n$/);
          expect(now).not.toBe(firstBoot);
        },
        3 * MINUTE_MS,
        1000,
      );
      expect((await processesOf()).map(({ pid }) => pid)).toEqual([running?.pid]);

      await ssh(port, 'echo kept | sudo tee /kept && sync');
      await again.stop(id, { force: false }, context());
      expect(await hypervisor.observe(id, context())).toMatchObject({ power: 'stopped', sshTarget: null });
      expect(await processesOf()).toEqual([]);
      await hypervisor.stop(id, { force: false }, context());
      expect(await readFile(join(fixture.data.instances, id, 'console.log'), 'utf8')).not.toBe('');

      await hypervisor.start(id, context());
      expect(await fixture.untilLogin(id, 3 * MINUTE_MS)).toBe(port);
      expect((await ssh(port, 'cat /kept')).stdout).toBe('kept\n');

      await hypervisor.delete(id, context());
      expect(await hypervisor.observe(id, context())).toMatchObject({ power: 'absent' });
      expect(await hypervisor.list(context())).toEqual(new Map());
      expect(await processesOf()).toEqual([]);
      expect(await readdir(fixture.data.instances)).toEqual([]);
      await hypervisor.delete(id, context());
    },
    8 * MINUTE_MS,
  );
});

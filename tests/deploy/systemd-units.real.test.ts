import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const UNITS = join(import.meta.dirname, '../../deploy/systemd');
const ANALYZE = '/usr/bin/systemd-analyze';
/** Exposure as `systemd-analyze security` counts it, in tenths: 100 is a unit without any sandbox. */
const EXPOSURE: readonly (readonly [string, number])[] = [
  ['golem-provider-redis.service', 10],
  ['golem-provider-monitor.service', 10],
  ['golem-provider-api-gateway.service', 15],
  ['golem-provider-advertiser.service', 15],
  ['golem-provider-vm-worker.service', 40],
  ['golem-provider-vms.service', 40],
];

const analyze = promisify(execFile);
let directory: TemporaryDirectory;

beforeAll(async () => {
  directory = await temporaryDirectory();
  for (const name of await readdir(UNITS))
    if (/\.(?:service|target)$/.test(name)) await copyFile(join(UNITS, name), join(directory.path, name));
});
afterAll(() => directory.dispose());

(existsSync(ANALYZE) ? describe : describe.skip)('systemd', () => {
  const unitFiles = async (): Promise<string[]> =>
    (await readdir(directory.path))
      .filter((name) => /\.(?:service|target)$/.test(name))
      .map((name) => join(directory.path, name));

  it('finds nothing wrong with the units, except programs that are installed elsewhere', async () => {
    const { stdout, stderr } = await analyze(ANALYZE, ['verify', '--man=no', ...(await unitFiles())]).catch(
      (failure: unknown) =>
        failure instanceof Error && 'stderr' in failure
          ? { stdout: '', stderr: String(failure.stderr) }
          : { stdout: '', stderr: String(failure) },
    );
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('golem-provider'));
    expect(complaints.filter((line) => !/Command .* is not executable/.test(line))).toEqual([]);
  });

  it('would tell of a setting that does not exist', async () => {
    const broken = join(directory.path, 'golem-provider-broken.service');
    await writeFile(broken, '[Service]\nExecStart=/bin/true\nProtectEverything=yes\n');
    const { stderr } = await analyze(ANALYZE, ['verify', '--man=no', broken]);
    expect(stderr).toContain('ProtectEverything');
  });

  it.each(EXPOSURE)('counts the exposure of %s as at most %i tenths', async (unit, threshold) => {
    const flags = ['security', '--offline=true', '--no-pager', `--threshold=${threshold}`];
    const { stdout } = await analyze(ANALYZE, [...flags, join(directory.path, unit)]);
    expect(stdout).toContain(`Overall exposure level for ${unit}`);
  });

  it('takes the drop-in for Multipass', async () => {
    const unit = 'golem-provider-vm-worker.service';
    const dropIns = join(directory.path, `${unit}.d`);
    await mkdir(dropIns);
    await copyFile(join(UNITS, 'multipass.conf'), join(dropIns, 'multipass.conf'));
    const { stderr } = await analyze(ANALYZE, ['verify', '--man=no', join(directory.path, unit)]);
    expect(stderr.split('\n').filter((line) => line.includes('multipass.conf'))).toEqual([]);
  });
});

describe('the units', () => {
  const read = (name: string): Promise<string> => readFile(join(UNITS, name), 'utf8');

  it('leave machines and nginx alone when the worker stops', async () => {
    expect(await read('golem-provider-vm-worker.service')).toMatch(/^KillMode=process$/m);
    expect(await read('golem-provider-vm-worker.service')).toMatch(/^OOMPolicy=continue$/m);
  });

  it('do not restart VMs with the services', async () => {
    expect(await read('golem-provider-vms.service')).not.toMatch(/^PartOf=/m);
    expect(await read('golem-provider-vms.service')).toMatch(/^Before=golem-provider-vm-worker\.service$/m);
  });

  it('are all wanted by the target', async () => {
    const target = await read('golem-provider.target');
    for (const name of (await readdir(UNITS)).filter((file) => file.endsWith('.service')))
      expect(target).toContain(name);
  });

  it('give up only over a wrong setting', async () => {
    for (const service of ['redis', 'api-gateway', 'vm-worker', 'monitor', 'advertiser']) {
      const text = await read(`golem-provider-${service}.service`);
      expect(text).toMatch(/^Restart=always$/m);
      expect(text).toMatch(/^RestartPreventExitStatus=78$/m);
      expect(text).toMatch(/^StartLimitIntervalSec=0$/m);
    }
  });
});

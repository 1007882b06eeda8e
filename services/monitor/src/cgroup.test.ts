import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { readCgroup } from './cgroup.ts';

const NOTHING = {
  memoryLimitBytes: undefined,
  memoryUsedBytes: undefined,
  cpuQuotaCores: undefined,
  cpuUsedMs: undefined,
};
let root: TemporaryDirectory;

beforeEach(async () => {
  root = await temporaryDirectory();
});
afterEach(() => root.dispose());

describe('readCgroup', () => {
  it.each([
    { name: 'no cgroups at all', files: {}, reading: NOTHING },
    {
      name: 'the root of a machine (version 2)',
      files: {
        'cgroup.controllers': 'cpu memory\n',
        'cpu.stat': 'usage_usec 5000000\n',
        'memory.stat': 'inactive_file 9\n',
      },
      reading: { ...NOTHING, cpuUsedMs: 5000 },
    },
    {
      name: 'a container with limits (version 2)',
      files: {
        'cgroup.controllers': 'cpu memory\n',
        'cpu.stat': 'usage_usec 2500000\nuser_usec 1\n',
        'cpu.max': '150000 100000\n',
        'memory.max': '4294967296\n',
        'memory.current': '1000\n',
        'memory.stat': 'anon 600\ninactive_file 300\nactive_file 100\n',
      },
      reading: { memoryLimitBytes: 4_294_967_296, memoryUsedBytes: 600, cpuQuotaCores: 1.5, cpuUsedMs: 2500 },
    },
    {
      name: 'a container without limits (version 2)',
      files: { 'cgroup.controllers': '\n', 'cpu.max': 'max 100000\n', 'memory.max': 'max\n', 'memory.current': '5\n' },
      reading: { ...NOTHING, memoryUsedBytes: 5 },
    },
    {
      name: 'a container with limits (version 1)',
      files: {
        'cpuacct/cpuacct.usage': '7000000\n',
        'cpu/cpu.cfs_quota_us': '200000\n',
        'cpu/cpu.cfs_period_us': '100000\n',
        'memory/memory.limit_in_bytes': '2147483648\n',
        'memory/memory.usage_in_bytes': '1000\n',
        'memory/memory.stat': 'inactive_file 1\nactive_file 1\ntotal_inactive_file 200\ntotal_active_file 100\n',
      },
      reading: { memoryLimitBytes: 2_147_483_648, memoryUsedBytes: 700, cpuQuotaCores: 2, cpuUsedMs: 7 },
    },
    {
      name: 'a machine without limits (version 1)',
      files: {
        'cpu/cpu.cfs_quota_us': '-1\n',
        'cpu/cpu.cfs_period_us': '100000\n',
        'memory/memory.limit_in_bytes': '9223372036854771712\n',
      },
      reading: { ...NOTHING, memoryLimitBytes: 9_223_372_036_854_771_712 },
    },
  ])('reads $name', async ({ files, reading }) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(root.path, name)), { recursive: true });
      await writeFile(join(root.path, name), content);
    }
    expect(await readCgroup(root.path)).toEqual(reading);
  });
});

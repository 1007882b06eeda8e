import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { claim, claimHolder, ClaimedError } from './claim.ts';

describe('claim', () => {
  let directory: TemporaryDirectory;
  let file: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, 'supervisor.json');
  });
  afterEach(() => directory.dispose());

  const gone = { pid: process.pid, started: 'an earlier boot:1' };

  it('is held by one process at a time, which the other learns', () => {
    claim(file, 'start');

    expect(() => claim(file, 'stop')).toThrow(ClaimedError);
    expect(() => claim(file, 'stop')).toThrow(`running already (process ${process.pid})`);
    expect(claimHolder(file)?.purpose).toBe('start');
  });

  it('leaves nothing behind when it is released', async () => {
    claim(file, 'start').release();

    expect(await readdir(directory.path)).toEqual([]);
    expect(claimHolder(file)).toBeUndefined();
  });

  it('of a process that is gone is taken over together with what it had started', async () => {
    await writeFile(file, JSON.stringify({ purpose: 'start', holder: gone, processes: { monitor: gone } }));

    const held = claim(file, 'stop');

    expect(held.leftovers).toEqual(new Map([['monitor', gone]]));
    expect(claimHolder(file)?.purpose).toBe('stop');
    expect(await readdir(directory.path)).toEqual(['supervisor.json']);
  });

  it('still names the leftovers when the next holder is killed before it ended them', async () => {
    await writeFile(file, JSON.stringify({ purpose: 'start', holder: gone, processes: { monitor: gone } }));
    claim(file, 'start');

    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ processes: { monitor: gone } });
  });

  it('records what runs and forgets what has ended', async () => {
    const held = claim(file, 'start');
    held.record('monitor', gone);
    held.record('vm-worker', gone);
    held.record('monitor', undefined);

    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ processes: { 'vm-worker': gone } });
  });

  it.each(['', '{', '{"pid":1}'])('replaces a file that says %j', async (content) => {
    await writeFile(file, content);

    claim(file, 'start');

    expect(claimHolder(file)?.holder.pid).toBe(process.pid);
  });
});

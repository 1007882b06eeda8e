import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@golem-provider/testing';
import type { CommandRunner } from '../exec/command-runner.ts';
import { forwardFileName, renderForwardFile } from './forward-file.ts';
import { findMaster, workersHolding } from './nginx-process.ts';
import { stopPrivateNginx } from './private-nginx.ts';
import { createForwardScene, type ForwardScene } from './testing/forward-scene.ts';
import { type ForwarderBed, forwardOf, vmIdOf } from './testing/forwarder-bed.ts';
import { connectLines, type ToySshServer } from './testing/toy-ssh-server.ts';

const { signal } = new AbortController();
const context = { signal };

let scene: ForwardScene;
let bed: ForwarderBed;
let a: ToySshServer;
let b: ToySshServer;

beforeEach(async () => {
  scene = await createForwardScene(process.env);
  ({ bed, a, b } = scene);
});

afterEach(() => scene.dispose());

const port = (index: number): number => scene.port(index);
const banner = (of: number): Promise<string> => scene.banner(of);
const pidFile = (): string => join(bed.places.privatePrefix, 'nginx.pid');
const masterPid = async (): Promise<number> => Number(await readFile(pidFile(), 'utf8'));
/** Resolves when it is dead, which it is a while after the signal was sent. */
const killMaster = async (): Promise<void> => {
  process.kill(await masterPid(), 'SIGKILL');
  await eventually(async () => expect(await findMaster(pidFile(), () => true)).toBeUndefined());
};

describe('ensureRunning', () => {
  it('starts a killed nginx again with every forward, and open connections live on', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    await bed.forwarder.forward(forwardOf('b', port(1), b.port), context);
    const connection = await scene.connect(port(0));
    const killed = await masterPid();
    await killMaster();
    await bed.forwarder.ensureRunning(context);
    expect(await masterPid()).not.toBe(killed);
    await expect(Promise.all([banner(port(0)), banner(port(1))])).resolves.toEqual([a.banner, b.banner]);
    await expect(connection.ask('alive')).resolves.toBe('alive');
  });

  it('takes the workers of an nginx that is killed in the midst of a change for nobody else', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    let isDue = true;
    const killing: CommandRunner = async (command, run) => {
      if (isDue && command.args.includes('-t')) await killMaster();
      isDue &&= !command.args.includes('-t');
      return bed.run(command, run);
    };
    const forwarder = bed.anotherForwarder(killing);
    await expect(forwarder.forward(forwardOf('b', port(1), b.port), context)).rejects.toMatchObject({
      code: 'PROXY_FAILED',
    });
    expect([...(await forwarder.list()).keys()]).toEqual([vmIdOf('a')]);

    await expect(forwarder.forward(forwardOf('b', port(1), b.port), context)).resolves.toBe('forwarded');
    await expect(forwarder.forward(forwardOf('a', port(0), a.port), context)).resolves.toBe('forwarded');
    await expect(Promise.all([banner(port(0)), banner(port(1))])).resolves.toEqual([a.banner, b.banner]);
  });

  it.each([
    ['empty', ''],
    ['of a process that is no more', '4194303\n'],
    ['of another process', `${process.pid}\n`],
    ['rubbish', 'rubbish'],
  ])('is not misled by a pid file that is %s', async (_, text) => {
    await mkdir(bed.places.privatePrefix, { recursive: true });
    await writeFile(pidFile(), text);
    await bed.forwarder.ensureRunning(context);
    expect(await masterPid()).not.toBe(process.pid);
    process.kill(await masterPid(), 0);
  });

  it('finds an nginx again whose pid file was lost', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const running = await masterPid();
    await rm(pidFile());
    await bed.forwarder.forward(forwardOf('b', port(1), b.port), context);
    expect(await masterPid()).toBe(running);
    await expect(Promise.all([banner(port(0)), banner(port(1))])).resolves.toEqual([a.banner, b.banner]);
  });

  it('serves what was written before the worker was killed', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const { configDirectory, logDirectory } = bed.places;
    const written = forwardOf('b', port(1), b.port);
    const text = renderForwardFile(written, { logDirectory, hasIpv6: false });
    await writeFile(join(configDirectory, forwardFileName(written.vmId)), text);
    await bed.anotherForwarder().ensureRunning(context);
    await expect(Promise.all([banner(port(0)), banner(port(1))])).resolves.toEqual([a.banner, b.banner]);
  });

  it.each(['before the start', 'while it runs'])('sets a broken file aside that came %s', async (when) => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    if (when === 'before the start') await stopPrivateNginx(bed.places, signal);
    await writeFile(join(bed.places.configDirectory, 'vm_broken.conf'), 'server { lisssten 1; }');
    await bed.anotherForwarder().ensureRunning(context);
    await expect(banner(port(0))).resolves.toBe(a.banner);
    expect((await readdir(bed.places.configDirectory)).sort()).toEqual([
      'vm_broken.conf.refused',
      forwardFileName(vmIdOf('a')),
    ]);
    expect(bed.logged.filter((line) => line.includes('lisssten'))).toHaveLength(1);
  });

  it.each<[string, (path: string) => Promise<unknown>, string[]]>([
    ['a link to itself', (path) => symlink(path, path), []],
    ['a directory', (path) => mkdir(path), [`${forwardFileName(vmIdOf('a'))}.refused`]],
  ])('puts a forward back where %s stands instead of its file', async (_, spoil, left) => {
    const name = forwardFileName(vmIdOf('a'));
    const { configDirectory } = bed.places;
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    await bed.forwarder.forward(forwardOf('b', port(1), b.port), context);
    await rm(join(configDirectory, name));
    await spoil(join(configDirectory, name));

    expect([...(await bed.forwarder.list()).keys()]).toEqual([vmIdOf('b')]);
    await bed.forwarder.ensureRunning(context);
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);

    await expect(Promise.all([banner(port(0)), banner(port(1))])).resolves.toEqual([a.banner, b.banner]);
    expect((await readdir(configDirectory)).sort()).toEqual([name, ...left, forwardFileName(vmIdOf('b'))]);
  });

  it('keeps the port of a forward whose file is found spoilt by the very change that writes it anew', async () => {
    const path = join(bed.places.configDirectory, forwardFileName(vmIdOf('a')));
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    await rm(path);
    await symlink(path, path);

    await expect(bed.forwarder.forward(forwardOf('a', port(0), a.port), context)).resolves.toBe('forwarded');
    await expect(banner(port(0))).resolves.toBe(a.banner);
    // A port that another VM has is taken all the same.
    await expect(bed.forwarder.forward(forwardOf('b', port(0), b.port), context)).resolves.toBe('port_busy');
  });

  it('goes on without a forward that was never served and whose port another program has taken', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const { configDirectory, logDirectory } = bed.places;
    const text = renderForwardFile(forwardOf('c', port(2), b.port), { logDirectory, hasIpv6: false });
    await writeFile(join(configDirectory, forwardFileName(vmIdOf('c'))), text);
    await scene.occupy(port(2));
    await bed.anotherForwarder().forward(forwardOf('b', port(1), b.port), context);
    await expect(Promise.all([banner(port(0)), banner(port(1))])).resolves.toEqual([a.banner, b.banner]);
    expect([...(await bed.forwarder.list()).keys()]).toEqual([vmIdOf('a'), vmIdOf('b')]);
  });

  it('starts without the forward whose port another program has taken meanwhile', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    await bed.forwarder.forward(forwardOf('b', port(1), b.port), context);
    await stopPrivateNginx(bed.places, signal);
    await scene.occupy(port(1));
    await bed.forwarder.ensureRunning(context);
    await expect(banner(port(0))).resolves.toBe(a.banner);
    expect([...(await bed.forwarder.list()).keys()]).toEqual([vmIdOf('a')]);
  });

  it('lets an upgraded nginx take over, and open connections live on', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    await bed.forwarder.forward(forwardOf('c', port(2), a.port), context);
    const connection = await scene.connect(port(0));
    const earlier = await masterPid();
    // What a master says whose module file is of another version; it then goes on as it was.
    const words = '2026/01/01 00:00:00 [emerg] 1#1: module "/m.so" version 1022001 instead of 1024000 in /n.conf:1\n';
    const run: CommandRunner = async (command, runContext) => {
      if (!command.args.includes('reload')) return bed.run(command, runContext);
      await appendFile(join(bed.places.logDirectory, 'ssh-error.log'), words);
      return { exitCode: 0, stdout: '', stderr: '' };
    };
    const forwarder = bed.anotherForwarder(run);
    await Promise.all([
      forwarder.forward(forwardOf('b', port(1), b.port), context),
      forwarder.remove(vmIdOf('c'), context),
    ]);
    expect(await masterPid()).not.toBe(earlier);
    await expect(Promise.all([banner(port(0)), banner(port(1))])).resolves.toEqual([a.banner, b.banner]);
    await expect(connectLines(port(2))).rejects.toThrow('ECONNREFUSED');
    await expect(connection.ask('alive')).resolves.toBe('alive');
    await connection.close();
    await eventually(() => expect(() => process.kill(earlier, 0)).toThrow('ESRCH'));
    await bed.forwarder.remove(vmIdOf('a'), context);
    await expect(banner(port(1))).resolves.toBe(b.banner);
  });

  it('keeps the logs bounded', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const log = join(bed.places.logDirectory, 'ssh-access.log');
    await truncate(log, 17 * 1024 * 1024);
    await bed.forwarder.ensureRunning(context);
    expect((await stat(`${log}.1`)).size).toBe(17 * 1024 * 1024);
    expect((await stat(log)).size).toBe(0);
    await banner(port(0));
    await eventually(async () => expect((await stat(log)).size).toBeGreaterThan(0));
  });

  it('ends when its caller gives up', async () => {
    await expect(bed.forwarder.ensureRunning({ signal: AbortSignal.abort(new Error('overtaken')) })).rejects.toThrow(
      'overtaken',
    );
  });

  it('says so when there is no nginx', async () => {
    const run: CommandRunner = (command, runContext) =>
      bed.run({ ...command, program: '/nonexistent/nginx' }, runContext);
    await expect(bed.anotherForwarder(run).ensureRunning(context)).rejects.toMatchObject({
      code: 'PROXY_FAILED',
      publicDetail: 'nginx could not be run',
    });
  });
});

describe('stopPrivateNginx', () => {
  it('ends it with its old workers, and says whether there was one', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const connection = await scene.connect(port(0));
    await bed.forwarder.forward(forwardOf('b', port(1), b.port), context);
    const log = join(bed.places.logDirectory, 'ssh-error.log');
    // A port that was only added is served before the earlier workers are told to leave.
    await eventually(async () => expect((await workersHolding(log)).leaving).toHaveLength(1));
    await expect(stopPrivateNginx(bed.places, signal)).resolves.toBe(true);
    await expect(workersHolding(log)).resolves.toEqual({ active: [], leaving: [] });
    await expect(connection.ask('gone')).rejects.toThrow('the connection ended');
    await expect(stopPrivateNginx(bed.places, signal)).resolves.toBe(false);
  });
});

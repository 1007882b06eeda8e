import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, freePorts } from '@golem-provider/testing';
import type { CommandRunner } from '../exec/command-runner.ts';
import { forwardFileName } from './forward-file.ts';
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
const banner = (of: number, host?: string): Promise<string> => scene.banner(of, host);

describe('a forward', () => {
  it('leads its port to the target, and is listed', async () => {
    const forward = forwardOf('a', port(0), a.port);
    await expect(bed.forwarder.forward(forward, context)).resolves.toBe('forwarded');
    await expect(banner(port(0))).resolves.toBe(a.banner);
    await expect(bed.forwarder.list()).resolves.toEqual(new Map([[forward.vmId, forward]]));
    expect((await stat(join(bed.places.configDirectory, forwardFileName(forward.vmId)))).mode & 0o777).toBe(0o644);
  });

  it('is reachable over IPv6 where the host has it', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const text = await readFile(join(bed.places.configDirectory, forwardFileName(vmIdOf('a'))), 'utf8');
    if (!text.includes('listen [::]')) return;
    await expect(banner(port(0), '::1')).resolves.toBe(a.banner);
  });

  it('is not reloaded for when it is there already', async () => {
    const forward = forwardOf('a', port(0), a.port);
    await bed.forwarder.forward(forward, context);
    await expect(bed.forwarder.forward(forward, context)).resolves.toBe('forwarded');
    await bed.forwarder.ensureRunning(context);
    await bed.forwarder.remove(vmIdOf('b'), context);
    await expect(bed.reloads()).resolves.toBe(0);
  });

  it('leads to the new target as soon as it is replaced, on the same port and on another', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    await bed.forwarder.forward(forwardOf('a', port(0), b.port), context);
    await expect(banner(port(0))).resolves.toBe(b.banner);
    await bed.forwarder.forward(forwardOf('a', port(1), b.port), context);
    await expect(banner(port(1))).resolves.toBe(b.banner);
    await expect(connectLines(port(0))).rejects.toThrow('ECONNREFUSED');
  });

  it('closes its port when it is removed, and leaves no file', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    await bed.forwarder.forward(forwardOf('b', port(1), b.port), context);
    await bed.forwarder.remove(vmIdOf('a'), context);
    await expect(connectLines(port(0))).rejects.toThrow('ECONNREFUSED');
    await expect(banner(port(1))).resolves.toBe(b.banner);
    await expect(readdir(bed.places.configDirectory)).resolves.toEqual([forwardFileName(vmIdOf('b'))]);
  });

  it('logs each connection with the VM, the bytes both ways and the duration', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const connection = await scene.connect(port(0));
    await connection.ask('hello');
    await connection.close();
    const line = await eventually(async () => {
      const [first = ''] = (await readFile(join(bed.places.logDirectory, 'ssh-access.log'), 'utf8')).split('\n');
      const parsed: unknown = JSON.parse(first);
      return parsed;
    });
    expect(line).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      vm_id: vmIdOf('a'),
      client: '127.0.0.1',
      client_port: expect.stringMatching(/^\d+$/),
      bytes_received: 'hello\r\n'.length,
      bytes_sent: `${a.banner}\r\nhello\r\n`.length,
      duration_s: expect.any(Number),
      status: 200,
    });
  });

  it('keeps an open connection through twenty reloads', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const connection = await scene.connect(port(0));
    for (let round = 0; round < 20; round += 1) {
      await bed.forwarder.forward(forwardOf('b', port(1), round % 2 === 0 ? a.port : b.port), context);
      await expect(connection.ask(`round ${round}`)).resolves.toBe(`round ${round}`);
    }
    await expect(bed.reloads()).resolves.toBe(20);
    await bed.forwarder.remove(vmIdOf('a'), context);
    await expect(connection.ask('still there')).resolves.toBe('still there');
  });

  it('shares few reloads with many others', async () => {
    await bed.forwarder.ensureRunning(context);
    const many = await freePorts(30);
    const forwards = many.map((each, index) => forwardOf(`vm${index}`, each, a.port));
    const outcomes = await Promise.all(
      forwards.map((forward) => bed.forwarder.forward(forward, { signal: new AbortController().signal })),
    );
    expect(outcomes).toEqual(many.map(() => 'forwarded'));
    await expect(Promise.all(many.map((each) => banner(each)))).resolves.toEqual(many.map(() => a.banner));
    expect(await bed.reloads()).toBeLessThanOrEqual(2);
    expect((await bed.forwarder.list()).size).toBe(30);
  });
});

describe('a change that cannot be made', () => {
  const refused = { ...forwardOf('bad', 0, 22), target: { host: 'fe80::1%eth0', port: 22 } };

  it('is undone with the words of nginx, while others of the same moment succeed', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    const [bad, good, removed] = await Promise.allSettled([
      bed.forwarder.forward({ ...refused, port: port(1) }, context),
      bed.forwarder.forward(forwardOf('b', port(2), b.port), context),
      bed.forwarder.remove(vmIdOf('a'), context),
    ]);
    expect(bad).toMatchObject({
      reason: {
        code: 'PROXY_FAILED',
        message: expect.stringContaining(`in ${bed.places.configDirectory}/vm_golem-bad-20260101-120000.conf:4`),
        publicDetail: 'nginx says: invalid IPv6 address in upstream "[fe80::1%eth0]:22"',
      },
    });
    expect([good.status, removed.status]).toEqual(['fulfilled', 'fulfilled']);
    await expect(banner(port(2))).resolves.toBe(b.banner);
    await expect(connectLines(port(0))).rejects.toThrow('ECONNREFUSED');
    await expect(readdir(bed.places.configDirectory)).resolves.toEqual([forwardFileName(vmIdOf('b'))]);
  });

  it('leaves the earlier forward of the VM in service', async () => {
    const earlier = forwardOf('bad', port(0), a.port);
    await bed.forwarder.forward(earlier, context);
    await expect(bed.forwarder.forward({ ...refused, port: port(0) }, context)).rejects.toMatchObject({
      code: 'PROXY_FAILED',
    });
    await expect(banner(port(0))).resolves.toBe(a.banner);
    await expect(bed.forwarder.list()).resolves.toEqual(new Map([[earlier.vmId, earlier]]));
  });

  it('is refused to the second of two VMs that ask for one port in the same moment', async () => {
    const [first, second] = await Promise.allSettled([
      bed.forwarder.forward(forwardOf('a', port(0), a.port), context),
      bed.forwarder.forward(forwardOf('b', port(0), b.port), context),
    ]);
    expect(first).toEqual({ status: 'fulfilled', value: 'forwarded' });
    expect(second).toMatchObject({ reason: { message: expect.stringContaining('duplicate') } });
    await expect(banner(port(0))).resolves.toBe(a.banner);
  });

  it('never reaches a file when its target is no address', async () => {
    const target = { host: '127.0.0.1; } evil {', port: 22 };
    await expect(bed.forwarder.forward({ vmId: vmIdOf('a'), port: port(0), target }, context)).rejects.toMatchObject({
      code: 'PROXY_FAILED',
      retryable: false,
    });
    await expect(bed.forwarder.list()).resolves.toEqual(new Map());
  });

  it.each(['another program', 'another VM'])('is told that the port is busy when %s listens there', async (who) => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    if (who === 'another program') await scene.occupy(port(1));
    const taken = who === 'another program' ? port(1) : port(0);
    const outcomes = await Promise.all([
      bed.forwarder.forward(forwardOf('c', taken, b.port), context),
      bed.forwarder.forward(forwardOf('b', port(2), b.port), context),
    ]);
    expect(outcomes).toEqual(['port_busy', 'forwarded']);
    await expect(Promise.all([banner(port(0)), banner(port(2))])).resolves.toEqual([a.banner, b.banner]);
    expect([...(await bed.forwarder.list()).keys()].sort()).toEqual([vmIdOf('a'), vmIdOf('b')]);
  });

  it('is told that the port is busy also when it is taken at the last moment', async () => {
    await bed.forwarder.forward(forwardOf('a', port(0), a.port), context);
    let isTaken = false;
    const run: CommandRunner = async (command, runContext) => {
      if (command.args.includes('reload') && !isTaken) {
        isTaken = true;
        await scene.occupy(port(1));
      }
      return bed.run(command, runContext);
    };
    const forwarder = bed.anotherForwarder(run);
    const outcomes = await Promise.all([
      forwarder.forward(forwardOf('c', port(1), b.port), context),
      forwarder.forward(forwardOf('b', port(2), b.port), context),
    ]);
    expect(outcomes).toEqual(['port_busy', 'forwarded']);
    await expect(Promise.all([banner(port(0)), banner(port(2))])).resolves.toEqual([a.banner, b.banner]);
  });
});

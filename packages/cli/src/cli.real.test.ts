import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EXIT_CONFIG, identifyProcess, waitForEnd } from '@golem-provider/service-kit';
import { eventually } from '@golem-provider/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { askRedis, parseServerPid } from './redis/redis-inline.ts';
import { createToyNode, type ToyNode, type ToyStart } from './testing/toy-node.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** It only ends a test that has failed. */
const ANSWER_LIMIT_MS = 30_000;

describe('the command line', () => {
  let node: ToyNode;
  beforeAll(async () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [compiler, '-b', join(ROOT, 'packages/cli')], { timeout: 120_000 });
  }, 130_000);
  beforeEach(async () => {
    node = await createToyNode(process.env['PATH']);
  });
  afterEach(async () => {
    await node.dispose();
  }, 60_000);

  /** Waits until the provider says that it is ready, and each service that it has started; the API may answer before the others. */
  const untilReady = async (start: ToyStart): Promise<ToyStart> => {
    await eventually(() => {
      const output = start.output();
      expect(output).toContain('The provider is ready.');
      for (const name of ['api-gateway', 'advertiser', 'monitor', 'vm-worker']) {
        expect(output).toContain(`"service":"${name}","msg":"started"`);
      }
    }, 30_000);
    return start;
  };
  const socket = (): string => join(node.dataDirectory, 'redis/redis.sock');
  const redisPid = async (): Promise<number | undefined> =>
    parseServerPid((await askRedis(socket(), 'INFO server', ANSWER_LIMIT_MS)) ?? '');
  const nothingRuns = (): Promise<void> => eventually(() => expect(node.processes()).toEqual([]));

  it('starts Redis and the services, tells where they are, and ends them in order on SIGTERM', async () => {
    const start = await untilReady(node.start());
    const redis = await redisPid();
    expect(redis).toBeDefined();
    expect(start.output()).toContain(`http://127.0.0.1:${node.port}/api/v1/docs`);
    expect(start.output()).toContain('"msg":"ready"');
    // The operator has named a discovery service.
    expect(node.events()).not.toContain('discovery started');

    start.child.kill('SIGTERM');

    expect((await start.ended).code).toBe(0);
    expect(node.events().filter((event) => event.endsWith('stopped'))).toEqual([
      'api-gateway stopped',
      'advertiser stopped',
      'monitor stopped',
      'vm-worker stopped',
    ]);
    await nothingRuns();
    expect(identifyProcess(redis ?? 0)).toBeUndefined();
    expect(readFileSync(join(node.dataDirectory, 'logs/monitor.log'), 'utf8')).toContain('"msg":"started"');
  });

  it('keeps what is in Redis from one start to the next, also when the supervisor was killed', async () => {
    const first = await untilReady(node.start());
    const firstRedis = await redisPid();
    await askRedis(socket(), 'SET kept yes', ANSWER_LIMIT_MS);
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await untilReady(node.start());

    expect(await redisPid()).not.toBe(firstRedis);
    expect(await askRedis(socket(), 'GET kept', ANSWER_LIMIT_MS)).toContain('yes');
    second.child.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
    await nothingRuns();
    expect(identifyProcess(firstRedis ?? 0)).toBeUndefined();
  });

  it('takes over from a Redis that was left running without a record of it', async () => {
    const first = await untilReady(node.start());
    const leftover = identifyProcess((await redisPid()) ?? 0);
    first.child.kill('SIGKILL');
    await first.ended;
    await nothingRuns();
    await rm(join(node.dataDirectory, 'supervisor.json'));

    const second = await untilReady(node.start());

    expect(second.output()).toContain('taking over from a private Redis');
    expect(leftover).toBeDefined();
    expect(leftover === undefined || (await waitForEnd(leftover, 0))).toBe(true);
  });

  it('has its services end by themselves when it is killed', async () => {
    const start = await untilReady(node.start());

    start.child.kill('SIGKILL');

    await eventually(() => expect(node.events().filter((event) => event.endsWith('abandoned'))).toHaveLength(4));
    await nothingRuns();
  });

  it('starts a service again that was killed', async () => {
    const start = await untilReady(node.start());
    const victim = node.processes().at(-1);

    process.kill(victim?.pid ?? 0, 'SIGKILL');

    await eventually(() => expect(node.events().filter((event) => event.endsWith('started'))).toHaveLength(5));
    // Each of the two comes to us by a way of its own.
    await eventually(() => expect(start.output()).toContain('starting it again in 0.5 s'));
  });

  it('starts Redis again when it was killed', async () => {
    await untilReady(node.start());
    const before = await redisPid();

    process.kill(before ?? 0, 'SIGKILL');

    await eventually(async () => expect(await redisPid()).toEqual(expect.any(Number)));
    expect(await redisPid()).not.toBe(before);
  });

  it('is orderly, and says what it waits for, when it is interrupted twice', async () => {
    const start = await untilReady(node.start());
    const services = node.processes().filter(({ pid }) => pid !== start.child.pid);
    for (const { pid } of services) process.kill(pid, 'SIGSTOP');
    start.child.kill('SIGINT');
    await eventually(() => expect(start.output()).toContain('"msg":"stopping; VMs and their ssh connections stay"'));
    await eventually(() => {
      start.child.kill('SIGINT');
      expect(start.output()).toContain('"msg":"still stopping"');
    });
    for (const { pid } of services) process.kill(pid, 'SIGCONT');

    expect((await start.ended).code).toBe(0);
    expect(node.events().filter((event) => event.endsWith('interrupted'))).toEqual([]);
  });

  it('does not start twice for one data directory', async () => {
    const first = await untilReady(node.start());

    const second = await node.start().ended;

    expect(second).toMatchObject({
      code: 1,
      output: expect.stringContaining(`running already (process ${first.child.pid ?? 0})`),
    });
  });

  it('ends with code 78 and a line for each wrong setting', async () => {
    const { code, output } = await node.start({ GOLEM_PROVIDER_MAX_VMS: 'many', GOLEM_PROVIDER_NMAE: 'x' }).ended;

    expect(code).toBe(EXIT_CONFIG);
    expect(output.trim().split('\n')).toEqual([
      expect.stringMatching(/^GOLEM_PROVIDER_MAX_VMS: /),
      'GOLEM_PROVIDER_NMAE is not a setting',
    ]);
  });

  it('ends with code 78 when a service does, and stops the others', async () => {
    const { code, output } = await node.start({ TOY_EXIT_78: 'monitor' }).ended;

    expect(code).toBe(EXIT_CONFIG);
    expect(output).toContain('A_SETTING is wrong');
    await nothingRuns();
  });

  it('refuses a data directory whose sockets would have too long a path', async () => {
    const { code, output } = await node.start({ GOLEM_PROVIDER_DATA_DIR: join(node.dataDirectory, 'd'.repeat(100)) })
      .ended;

    expect(code).toBe(EXIT_CONFIG);
    expect(output).toMatch(/^GOLEM_PROVIDER_DATA_DIR: too long/);
  });

  it('names the settings when another program listens on its port', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(node.port, '127.0.0.1', resolve));
    try {
      const { code, output } = await node.start().ended;

      expect(code).toBe(1);
      expect(output).toContain('GOLEM_PROVIDER_PORT');
      expect(node.events()).toEqual([]);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('stop ends a running provider and leaves the VMs alone', async () => {
    const start = await untilReady(node.start());

    const stop = await node.run('stop');

    expect(stop.code).toBe(0);
    expect((await start.ended).code).toBe(0);
    expect(node.events().filter((event) => event.startsWith('stop-vms'))).toEqual([]);
    await nothingRuns();
  });

  it('stop --vms stops the VMs after the services, whether or not the provider runs', async () => {
    await untilReady(node.start());

    const running = await node.run('stop', '--vms');
    const stopped = await node.run('stop', '--vms');

    expect([running.code, stopped.code]).toEqual([0, 0]);
    expect(node.events().slice(-3)).toEqual(['vm-worker stopped', 'stop-vms', 'stop-vms']);
  });

  it('stop after the supervisor was killed ends Redis too', async () => {
    const start = await untilReady(node.start());
    const redis = identifyProcess((await redisPid()) ?? 0);
    start.child.kill('SIGKILL');
    await start.ended;

    expect((await node.run('stop')).code).toBe(0);

    await nothingRuns();
    expect(redis !== undefined && (await waitForEnd(redis, 0))).toBe(true);
  });

  it('purge removes the VMs and then the data', async () => {
    await untilReady(node.start());

    const purge = await node.run('purge', '--yes');

    expect(purge).toMatchObject({ code: 0 });
    expect(node.events()).toContain('stop-vms --purge');
    expect(existsSync(node.dataDirectory)).toBe(false);
    await nothingRuns();
  });

  it('purge does nothing unless it is confirmed', async () => {
    await untilReady(node.start());

    const purge = await node.run('purge');

    expect(purge).toMatchObject({ code: 1, output: expect.stringContaining('--yes') });
    expect(node.processes()).not.toEqual([]);
  });

  it('purge removes nothing when the VMs could not be removed', async () => {
    const start = await untilReady(node.start());
    start.child.kill('SIGTERM');
    await start.ended;
    await rm(join(node.dataDirectory, '../services/vm-worker/dist/stop-vms.js'));

    const purge = await node.run('purge', '--yes');

    expect(purge.code).toBe(1);
    expect(existsSync(node.dataDirectory)).toBe(true);
  });

  it('purge leaves a directory alone that is not a data directory', async () => {
    await mkdir(node.dataDirectory);
    await writeFile(join(node.dataDirectory, 'thesis.odt'), '');

    const purge = await node.run('purge', '--yes');

    expect(purge).toMatchObject({ code: 1, output: expect.stringContaining('is not a data directory') });
    expect(await readdir(node.dataDirectory)).toEqual(['thesis.odt']);
  });
});

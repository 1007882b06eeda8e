import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_PREFIX, GUEST_UIDS } from '@golem-provider/contracts';
import {
  eventually,
  type RedisServer,
  startRedisServer,
  temporaryDirectory,
  type TemporaryDirectory,
} from '@golem-provider/testing';

const MAIN = join(import.meta.dirname, '../dist/main.js');
/** These only end a test that has failed. */
const LIMIT_MS = 120_000;
const CALL_LIMIT_MS = 60_000;

const canIsolate = process.getuid?.() === 0 && spawnSync('unshare', ['--net', 'true']).status === 0;

/**
 * A gateway in a network of its own: the packet rules of a provider that runs on this machine, such as one of another test,
 * would come first and keep guests from the gateway. What is proven here is that the gateway itself refuses them.
 */
(canIsolate ? describe : describe.skip)('of those who call over the loopback', () => {
  let directory: TemporaryDirectory;
  let server: RedisServer;
  let gateway: ChildProcess;

  /** The status of an answer to a program of a uid, in the network of the gateway. */
  const statusFor = async (uid: number): Promise<number> => {
    const script = `fetch('http://127.0.0.1:7466${API_PREFIX}/vms').then(({ status }) => console.log(status))`;
    const network = [`--net=/proc/${gateway.pid}/ns/net`, 'setpriv', `--reuid=${uid}`, '--clear-groups'];
    const { stdout } = await promisify(execFile)('nsenter', [...network, process.execPath, '-e', script], {
      cwd: '/',
      env: { PATH: process.env['PATH'] },
      timeout: CALL_LIMIT_MS,
    });
    return Number(stdout);
  };

  beforeAll(async () => {
    directory = await temporaryDirectory();
    server = await startRedisServer();
    const start = 'ip link set lo up && exec "$@"';
    gateway = spawn('unshare', ['--net', 'sh', '-c', start, 'sh', process.execPath, MAIN], {
      cwd: directory.path,
      env: {
        PATH: process.env['PATH'],
        GOLEM_PROVIDER_DATA_DIR: join(directory.path, 'data'),
        GOLEM_PROVIDER_REDIS_URL: server.url,
        // Nobody else is in this network.
        GOLEM_PROVIDER_PORT: '7466',
      },
      stdio: 'ignore',
    });
    await eventually(async () => {
      if (gateway.exitCode === null) await statusFor(0);
    }, LIMIT_MS);
  }, LIMIT_MS);
  afterAll(async () => {
    const ended = once(gateway, 'exit');
    gateway.kill('SIGTERM');
    if (gateway.exitCode === null) await ended;
    await server.stop();
    await directory.dispose();
  }, LIMIT_MS);

  it.each([
    ['root counts as the host itself', 0, 200],
    ['a user below the uids of guests does too', GUEST_UIDS.first - 1, 200],
    ['the first guest does not', GUEST_UIDS.first, 401],
    ['the last guest does not', GUEST_UIDS.last, 401],
    ['a user above them does', GUEST_UIDS.last + 1, 200],
  ])(
    '%s',
    async (_, uid, status) => {
      expect(await statusFor(uid)).toBe(status);
    },
    LIMIT_MS,
  );
});

import { mkdir, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, freePort, type TemporaryDirectory, temporaryDirectory } from '@golem-provider/testing';
import { makeSshKeyPair } from '../keys/ssh-key-pair.ts';
import { isListening } from './knock.ts';
import { readSshBanner } from './ssh-banner.ts';

const { signal } = new AbortController();
const KNOCKS = 5;

let directory: TemporaryDirectory;

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.dispose());

describe('a knock', () => {
  it('is answered by a real sshd, which leaves no word of it in its log', async () => {
    const port = await freePort();
    const log = join(directory.path, 'log');
    // Without it sshd does not start; it holds nothing.
    await mkdir('/run/sshd', { recursive: true });
    writeFileSync(join(directory.path, 'key'), makeSshKeyPair('host').privateKey, { mode: 0o600 });
    const config = [`ListenAddress 127.0.0.1:${port}`, `HostKey ${directory.path}/key`, 'PidFile none', 'UsePAM no'];
    writeFileSync(join(directory.path, 'config'), config.map((line) => `${line}\n`).join(''));
    const output = openSync(log, 'w');
    const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(directory.path, 'config')], {
      stdio: ['ignore', output, output],
    });
    const exited = once(sshd, 'exit');
    closeSync(output);
    try {
      const target = { host: '127.0.0.1', port };
      await eventually(async () => expect(await isListening(target, signal)).toBe(true));
      const started = await readFile(log, 'utf8');
      for (let knock = 0; knock < KNOCKS; knock += 1) expect(await isListening(target, signal)).toBe(true);
      // What it has to say of an ordinary visitor that comes after them, it says after what it had to say of them.
      await readSshBanner(target.host, target.port, { signal, timeoutMs: 30_000 });
      const said = await eventually(async () => {
        const text = (await readFile(log, 'utf8')).slice(started.length);
        expect(text).toMatch(/port \d+/);
        return text;
      });
      expect(new Set(said.match(/port \d+/g)).size).toBe(1);
    } finally {
      sshd.kill();
      await exited;
    }
  });

  it('is not answered where nobody listens', async () => {
    expect(await isListening({ host: '127.0.0.1', port: await freePort() }, signal)).toBe(false);
  });

  it('says nothing once it was called off', async () => {
    const reason = new Error('stopping');
    await expect(isListening({ host: '127.0.0.1', port: 1 }, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

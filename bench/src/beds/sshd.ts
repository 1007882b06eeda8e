import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, temporaryDirectory } from '@golem-provider/testing';
import type { BenchContext } from '../bench-case.ts';
import { runProgram } from './child.ts';

/** An sshd in the place of a guest's. */
export interface SshdBed {
  readonly port: number;
  /** Runs a command over ssh at a port; its output is thrown away. Seconds until its end. */
  run(port: number, command: string): Promise<number>;
  stop(): Promise<void>;
}

/** A server that is there speaks at once; on a busy machine within seconds. */
const GREETING_LIMIT_MS = 10_000;

/** Milliseconds from the first packet of a connection until the server has spoken. */
export async function greetingMs(port: number): Promise<number> {
  const began = performance.now();
  const socket = connect(port, '127.0.0.1');
  const hangUp = (why: string) => (): void => void socket.destroy(new Error(`port ${port} ${why}`));
  // QEMU takes connections for a guest that does not listen yet, and ends them without a word.
  socket.once('end', hangUp('hung up'));
  socket.setTimeout(GREETING_LIMIT_MS, hangUp('said nothing'));
  try {
    await once(socket, 'data');
    return performance.now() - began;
  } finally {
    socket.destroy();
  }
}

/** Starts an sshd on the loopback that takes a key of its own. */
export async function startSshd({ environment, signal }: BenchContext): Promise<SshdBed> {
  const directory = await temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  for (const name of ['host', 'login']) {
    await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)], { env: environment, signal });
  }
  await writeFile(at('authorized_keys'), await readFile(at('login.pub'), 'utf8'));
  const port = await freePort();
  const configuration = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    `PidFile ${at('sshd.pid')}`,
    'PasswordAuthentication no',
    'StrictModes no',
    'MaxStartups 1000',
    'UsePAM no',
  ];
  await writeFile(at('sshd_config'), `${configuration.join('\n')}\n`);
  // Where sshd locks its children in; packages make it when the machine's own sshd starts.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });
  const daemon = spawn('/usr/sbin/sshd', ['-D', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'ignore'] });
  const ended = once(daemon, 'exit');
  await eventually(() => greetingMs(port));
  return {
    port,
    async run(at_port, command) {
      const options = [
        'StrictHostKeyChecking=no',
        'UserKnownHostsFile=/dev/null',
        'LogLevel=ERROR',
        'IdentitiesOnly=yes',
      ];
      const args = ['-F', 'none', '-i', at('login'), ...options.flatMap((option) => ['-o', option])];
      const target = ['-p', String(at_port), `${userInfo().username}@127.0.0.1`, command];
      const began = performance.now();
      const client = spawn('ssh', [...args, ...target], { signal, stdio: ['ignore', 'ignore', 'inherit'] });
      await once(client, 'exit');
      if (client.exitCode !== 0) throw new Error(`ssh to port ${at_port} ended with ${client.exitCode}`);
      return (performance.now() - began) / 1000;
    },
    async stop() {
      daemon.kill('SIGTERM');
      await ended;
      await directory.dispose();
    },
  };
}

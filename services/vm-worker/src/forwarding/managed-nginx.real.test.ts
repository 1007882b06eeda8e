import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, freePorts } from '@golem-provider/testing';
import { forwardFileName } from './forward-file.ts';
import { findMaster } from './nginx-process.ts';
import { findNginx } from './nginx-program.ts';
import { readSshBanner } from './ssh-banner.ts';
import { createForwarderBed, type ForwarderBed, forwardOf, vmIdOf } from './testing/forwarder-bed.ts';
import { connectLines, startToySshServer, type ToySshServer } from './testing/toy-ssh-server.ts';

const { signal } = new AbortController();
const context = { signal };

let bed: ForwarderBed;
let toy: ToySshServer;
let port: number;
let httpPort: number;
let directory: string;
let conf: string;
let pidFile: string;

const banner = (): Promise<string> => readSshBanner('127.0.0.1', port, { signal, timeoutMs: 30_000 });
const readConf = (): Promise<string> => readFile(conf, 'utf8');

/** An installation laid out as Debian's, with a web server of its own. */
async function install(extra = ''): Promise<void> {
  await mkdir(join(directory, 'modules-enabled'), { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const text = `user www-data;
worker_processes 1;
pid ${pidFile};
error_log ${join(bed.root, 'error.log')};
include ${directory}/modules-enabled/*.conf;
events {
	worker_connections 768;
}
http {
${temporary.map((name) => `	${name}_temp_path ${join(bed.root, name)};`).join('\n')}
	access_log off;
	server {
		listen 127.0.0.1:${httpPort};
		return 200 "stream { ours";
	}
}
#stream {
#	include ${directory}/golem.d/vm_*.conf;
#}
${extra}`;
  await writeFile(conf, text);
  await chmod(conf, 0o640);
}

async function startNginx(): Promise<void> {
  const program = await findNginx(bed.run, '', signal);
  expect((await program.call(['-c', conf], signal)).refusal).toBeUndefined();
  await eventually(async () => expect(await findMaster(pidFile, () => true)).toBeDefined());
}

async function stopNginx(): Promise<void> {
  const master = await findMaster(pidFile, (title) => title.includes(conf));
  if (master === undefined) return;
  process.kill(master, 'SIGTERM');
  await eventually(async () => expect(await findMaster(pidFile, () => true)).toBeUndefined());
}

beforeEach(async () => {
  bed = await createForwarderBed(process.env, 'etc');
  directory = join(bed.root, 'etc');
  conf = join(directory, 'nginx.conf');
  pidFile = join(bed.root, 'nginx.pid');
  toy = await startToySshServer('a');
  [port = 0, httpPort = 0] = await freePorts(2);
});

afterEach(async () => {
  await stopNginx();
  await toy.stop();
  await bed.dispose();
});

describe('an installation that is managed', () => {
  it('is given its include and the stream module, once, and serves forwards beside its own pages', async () => {
    await install();
    const before = await readConf();
    await startNginx();
    await expect(bed.forwarder.forward(forwardOf('a', port, toy.port), context)).resolves.toBe('forwarded');
    await expect(banner()).resolves.toBe(toy.banner);
    await expect((await fetch(`http://127.0.0.1:${httpPort}/`)).text()).resolves.toBe('stream { ours');

    const after = await readConf();
    expect(after.startsWith(before)).toBe(true);
    expect(after.slice(before.length)).toContain(`stream {\n    include "${directory}/golem.d/vm_*.conf";\n}`);
    expect((await stat(conf)).mode & 0o777).toBe(0o640);
    await expect(readFile(`${conf}.golem-backup`, 'utf8')).resolves.toBe(before);
    expect((await readdir(directory)).sort()).toEqual([
      'golem.d',
      'modules-enabled',
      'nginx.conf',
      'nginx.conf.golem-backup',
    ]);
    await expect(readdir(join(directory, 'modules-enabled'))).resolves.toEqual(['50-mod-stream.conf']);

    await bed.anotherForwarder().ensureRunning(context);
    await expect(readConf()).resolves.toBe(after);
    await bed.forwarder.remove(vmIdOf('a'), context);
    await expect(connectLines(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('keeps the stream block that it has, and the first backup', async () => {
    const program = await findNginx(bed.run, '', signal);
    await install('stream {\n    tcp_nodelay on;\n}\n');
    await writeFile(
      join(directory, 'modules-enabled/50-mod-stream.conf'),
      `load_module ${program.build.streamModule};`,
    );
    await writeFile(`${conf}.golem-backup`, 'the first');
    await startNginx();
    await bed.forwarder.forward(forwardOf('a', port, toy.port), context);
    await expect(banner()).resolves.toBe(toy.banner);
    expect(await readConf()).toContain(
      `stream {\n    tcp_nodelay on;\n    include "${directory}/golem.d/vm_*.conf";\n}\n`,
    );
    await expect(readFile(`${conf}.golem-backup`, 'utf8')).resolves.toBe('the first');
  });

  it('is left as it is when the include stands in another of its files', async () => {
    const program = await findNginx(bed.run, '', signal);
    await install(`include ${directory}/stream.conf;\n`);
    await writeFile(
      join(directory, 'modules-enabled/50-mod-stream.conf'),
      `load_module ${program.build.streamModule};`,
    );
    await writeFile(join(directory, 'stream.conf'), 'stream { include golem.d/vm_*.conf; }');
    const before = await readConf();
    await startNginx();
    await bed.forwarder.forward(forwardOf('a', port, toy.port), context);
    await expect(banner()).resolves.toBe(toy.banner);
    await expect(readConf()).resolves.toBe(before);
  });

  it('is as before when nginx refuses the include, and the error says what to do', async () => {
    const program = await findNginx(bed.run, '', signal);
    await install(`include ${directory}/stream.conf;\n`);
    await writeFile(
      join(directory, 'modules-enabled/50-mod-stream.conf'),
      `load_module ${program.build.streamModule};`,
    );
    await writeFile(join(directory, 'stream.conf'), 'stream { }');
    const before = await readConf();
    await startNginx();
    await expect(bed.forwarder.forward(forwardOf('a', port, toy.port), context)).rejects.toMatchObject({
      code: 'PROXY_FAILED',
      message: expect.stringMatching(/by hand to its stream block: include .*: "stream" directive is duplicate in/),
      publicDetail: 'nginx says: "stream" directive is duplicate',
    });
    await expect(readConf()).resolves.toBe(before);
    await expect(bed.forwarder.list()).resolves.toEqual(new Map());
  });

  it('is not touched while it is broken already', async () => {
    await install();
    await startNginx();
    await writeFile(conf, `${await readConf()}nonsense on;\n`);
    const before = await readConf();
    await expect(bed.forwarder.ensureRunning(context)).rejects.toMatchObject({
      publicDetail: 'nginx says: unknown directive "nonsense"',
    });
    await expect(readConf()).resolves.toBe(before);
    await expect(readdir(directory)).resolves.not.toContain('nginx.conf.golem-backup');
  });

  it('is not started by us, while a removal succeeds', async () => {
    await install();
    await startNginx();
    await bed.forwarder.forward(forwardOf('a', port, toy.port), context);
    await stopNginx();
    const [ensured, removed] = await Promise.allSettled([
      bed.forwarder.ensureRunning(context),
      bed.forwarder.remove(vmIdOf('a'), context),
    ]);
    expect(ensured).toMatchObject({ reason: { code: 'PROXY_FAILED', message: expect.stringContaining('start it') } });
    expect(removed.status).toBe('fulfilled');
    await expect(readdir(bed.places.configDirectory)).resolves.not.toContain(forwardFileName(vmIdOf('a')));
  });

  it('still works on its own when our directory is gone', async () => {
    await install();
    await startNginx();
    await bed.forwarder.forward(forwardOf('a', port, toy.port), context);
    await rm(bed.places.configDirectory, { recursive: true });
    const program = await findNginx(bed.run, '', signal);
    expect((await program.call(['-t', '-c', conf], signal)).refusal).toBeUndefined();
  });

  it('has to be there', async () => {
    await expect(bed.forwarder.ensureRunning(context)).rejects.toMatchObject({
      code: 'PROXY_FAILED',
      message: `reading ${conf}`,
    });
  });
});

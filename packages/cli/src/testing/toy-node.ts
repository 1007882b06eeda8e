import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identifyProcess, type ProcessIdentity, waitForEnd } from '@golem-provider/service-kit';
import { freePort, temporaryDirectory } from '@golem-provider/testing';

/** How a command of a toy node ended. */
export interface ToyResult {
  readonly code: number | null;
  readonly output: string;
}

/** A running `start` of a toy node. */
export interface ToyStart {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<ToyResult>;
}

/**
 * The real command line, compiled, in a workspace of its own whose services are toys: they say that they are ready,
 * and write what happens to them into a file.
 */
export interface ToyNode {
  /** The workspace. */
  readonly root: string;
  readonly dataDirectory: string;
  readonly port: number;
  start(settings?: Readonly<Record<string, string>>): ToyStart;
  run(...args: readonly string[]): Promise<ToyResult>;
  /** What the services wrote, in order: `<service> started|stopped|abandoned|interrupted`, `stop-vms <arguments>`. */
  events(): string[];
  /** Identities of all processes that the services ran as, dead ones left out. */
  processes(): ProcessIdentity[];
  /** Ends what still runs. */
  dispose(): Promise<void>;
}

const CLI = fileURLToPath(new URL('../..', import.meta.url));
const SERVICES = ['api-gateway', 'advertiser', 'monitor', 'vm-worker', 'discovery'];

const toyService = (name: string, files: ToyFiles): string => `
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
const tell = (event) => appendFileSync(${JSON.stringify(files.events)}, ${JSON.stringify(name)} + ' ' + event + '\\n');
appendFileSync(${JSON.stringify(files.pids)}, process.pid + '\\n');
process.once('SIGTERM', () => { tell('stopped'); process.exit(0); });
process.once('disconnect', () => { tell('abandoned'); process.exit(0); });
process.on('SIGINT', () => tell('interrupted'));
// Said when it can be ended in each of these ways: the API may answer while others still boot.
tell('started');
setInterval(() => {}, 1000);
console.log(JSON.stringify({ level: 'info', time: new Date().toISOString(), service: ${JSON.stringify(name)}, msg: 'started' }));
if (process.env.TOY_EXIT_78 === ${JSON.stringify(name)}) { console.error('A_SETTING is wrong'); process.exit(78); }
const answers = {
  '/api/v1/ready': { ready: true, checks: [] },
  '/api/v1/provider/info': {
    provider_id: 'toy', name: 'toy', country: 'SE', platform: null, public_key: null, ip_address: '127.0.0.1', version: '0', hypervisor: null,
    advertisement: { status: 'pending', last_success_at: null, reason: null },
  },
};
if (${JSON.stringify(name)} === 'api-gateway') {
  createServer((request, response) => response.end(JSON.stringify(answers[request.url])))
    .listen(Number(process.env.GOLEM_PROVIDER_PORT), '127.0.0.1');
}
`;

const toyStopVms = (files: ToyFiles): string => `
import { appendFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(files.events)}, ['stop-vms', ...process.argv.slice(2)].join(' ') + '\\n');
`;

interface ToyFiles {
  readonly events: string;
  readonly pids: string;
}

const linesOf = (path: string): string[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];

/** Lays out a toy node; the command line must be compiled. `path` is the PATH of its processes. */
export async function createToyNode(path: string | undefined): Promise<ToyNode> {
  const directory = await temporaryDirectory();
  const root = directory.path;
  const dataDirectory = join(root, 'data');
  const port = await freePort();
  const files = { events: join(root, 'events'), pids: join(root, 'pids') };
  const home = join(root, 'packages/cli');
  await mkdir(home, { recursive: true });
  await cp(join(CLI, 'dist'), join(home, 'dist'), { recursive: true });
  await cp(join(CLI, 'package.json'), join(home, 'package.json'));
  await symlink(join(CLI, 'node_modules'), join(home, 'node_modules'));
  await writeFile(join(root, 'package.json'), '{ "type": "module" }');
  for (const name of SERVICES) {
    await mkdir(join(root, 'services', name, 'dist'), { recursive: true });
    await writeFile(join(root, 'services', name, 'dist/main.js'), toyService(name, files));
  }
  await writeFile(join(root, 'services/vm-worker/dist/stop-vms.js'), toyStopVms(files));

  const started: ChildProcess[] = [];
  const launch = (args: readonly string[], environment: Readonly<Record<string, string>>): ToyStart => {
    const child = spawn(process.execPath, [join(home, 'dist/main.js'), ...args], {
      cwd: root,
      env: {
        PATH: path,
        GOLEM_PROVIDER_DATA_DIR: dataDirectory,
        GOLEM_PROVIDER_HOST: '127.0.0.1',
        GOLEM_PROVIDER_PORT: String(port),
        GOLEM_PROVIDER_DISCOVERY_URL: 'http://127.0.0.1:1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    if (child.pid !== undefined) appendFileSync(files.pids, `${child.pid}\n`);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const ended = once(child, 'close').then(() => ({ code: child.exitCode, output }));
    return { child, output: () => output, ended };
  };
  const processes = (): ProcessIdentity[] => linesOf(files.pids).flatMap((pid) => identifyProcess(Number(pid)) ?? []);
  return {
    root,
    dataDirectory,
    port,
    start: (settings = {}) => launch(['start'], settings),
    run: (...args) => launch(args, {}).ended,
    events: () => linesOf(files.events),
    processes,
    async dispose() {
      await launch(['stop'], {}).ended;
      for (const child of started) child.kill('SIGKILL');
      for (const identity of processes()) await waitForEnd(identity, 10_000);
      await directory.dispose();
    },
  };
}

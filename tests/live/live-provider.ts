import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Job, JobAccepted, Vm, VmAccess, type VmId } from '@golem-provider/contracts';
import { eventually } from '@golem-provider/testing';
import { createEmulatedProvider, type EmulatedProvider } from '../cli/emulated-provider.ts';
import { sshArguments } from '../e2e/provider-node.ts';
import { createHttpClient, type HttpClient, type Outcome, type Sent } from './http-client.ts';

/** They only end a test that has failed. */
const STATE_LIMIT_MS = 120_000;
/** Between two tries of a client that was refused, or told to come later. */
const RETRY_INTERVAL_MS = 100;

const REQUEST = { name: 'live', cpu_cores: 1, memory_gb: 1, storage_gb: 5 };

/** A provider under whatever load there is, and what became of each request. */
export interface LiveProvider {
  readonly provider: EmulatedProvider;
  /** Every outcome of every client. */
  readonly outcomes: readonly { readonly sent: Sent; readonly outcome: Outcome }[];
  /** A client with a connection of its own; `dispose` closes it. */
  client(): HttpClient;
  /** Creates a VM, however often it has to be tried; resolves when it runs. */
  create(client: HttpClient): Promise<Vm>;
  /** Deletes it in the same way; resolves when it is gone. */
  remove(client: HttpClient, id: VmId): Promise<void>;
  /** Arguments of `ssh` for a VM, up to the command. */
  sshArguments(client: HttpClient, vm: Vm): Promise<string[]>;
  /** Ends a service by a signal, SIGTERM by default, and waits until another process of it runs and the provider is ready. */
  restart(service: string, signal?: NodeJS.Signals): Promise<void>;
  /** Makes nginx take its configuration anew, as somebody may by hand. */
  reloadNginx(): Promise<void>;
  /** The pids of workers of nginx that an earlier reload retired. */
  leavingWorkers(): Promise<number[]>;
  /** The sum of the series of a metric that have this label, as the provider tells it now. */
  metric(name: string, label: string): Promise<number | undefined>;
  dispose(): Promise<string[]>;
}

/** Makes a provider and starts it. */
export async function startLiveProvider(settings: NodeJS.ProcessEnv = {}): Promise<LiveProvider> {
  const provider = await createEmulatedProvider({
    GOLEM_PROVIDER_RATE_LIMIT_PER_MINUTE: '1000000',
    GOLEM_PROVIDER_MIN_STORAGE_GB: '1',
    ...settings,
  });
  await provider.start();
  const { baseUrl, directory } = provider;
  const outcomes: { sent: Sent; outcome: Outcome }[] = [];
  const clients: HttpClient[] = [];

  const client = (): HttpClient => {
    const made = createHttpClient(baseUrl, (sent, outcome) => void outcomes.push({ sent, outcome }));
    clients.push(made);
    return made;
  };
  /** The answer once it is none that asks to come later. */
  const insist = (by: HttpClient, sent: Sent): Promise<{ status: number; body: string }> =>
    eventually(
      async () => {
        const outcome = await by.send(sent);
        if (outcome.kind === 'answered' && outcome.status !== 503 && outcome.status !== 429) return outcome;
        throw new Error(`${sent.method} ${sent.path}: ${JSON.stringify(outcome)}`);
      },
      STATE_LIMIT_MS,
      RETRY_INTERVAL_MS,
    );
  const expectStatus = (sent: Sent, answer: { status: number; body: string }, ...statuses: readonly number[]): void => {
    if (!statuses.includes(answer.status))
      throw new Error(`${sent.method} ${sent.path}: ${answer.status} ${answer.body}`);
  };
  const untilJobEnds = (by: HttpClient, jobId: string): Promise<Job> =>
    eventually(
      async () => {
        const job = Job.parse(JSON.parse((await insist(by, { method: 'GET', path: `/vms/jobs/${jobId}` })).body));
        if (job.finished_at === null) throw new Error(`${jobId} is ${job.status}`);
        return job;
      },
      STATE_LIMIT_MS,
      RETRY_INTERVAL_MS,
    );
  const nginxMaster = async (): Promise<number> =>
    Number(await readFile(join(directory, 'data/nginx/nginx.pid'), 'utf8'));

  return {
    provider,
    outcomes,
    client,
    async create(by) {
      const sent: Sent = { method: 'POST', path: '/vms', body: REQUEST, idempotencyKey: randomUUID() };
      const answer = await insist(by, sent);
      expectStatus(sent, answer, 201, 202);
      if (answer.status === 201) return Vm.parse(JSON.parse(answer.body));
      const { job_id: jobId, vm_id: id } = JobAccepted.parse(JSON.parse(answer.body));
      const job = await untilJobEnds(by, jobId);
      if (job.status !== 'ready') throw new Error(`${jobId}: ${JSON.stringify(job)}`);
      return Vm.parse(JSON.parse((await insist(by, { method: 'GET', path: `/vms/${id}` })).body));
    },
    async remove(by, id) {
      const sent: Sent = { method: 'DELETE', path: `/vms/${id}` };
      const answer = await insist(by, sent);
      // Gone: by a try whose answer did not come.
      expectStatus(sent, answer, 200, 202, 204, 404);
      await eventually(
        async () => {
          const look: Sent = { method: 'GET', path: `/vms/${id}` };
          expectStatus(look, await insist(by, look), 404);
        },
        STATE_LIMIT_MS,
        RETRY_INTERVAL_MS,
      );
    },
    async sshArguments(by, vm) {
      const { body } = await insist(by, { method: 'GET', path: `/vms/${vm.id}/access` });
      const access = VmAccess.parse(JSON.parse(body));
      const keyFile = join(directory, `${vm.id}.key`);
      const knownHostsFile = join(directory, `${vm.id}.known_hosts`);
      await writeFile(keyFile, access.ssh_key.private_key ?? '', { mode: 0o600 });
      await writeFile(knownHostsFile, `[localhost]:${access.ssh_port} ${access.ssh_host_key ?? ''}\n`);
      return sshArguments({ access, keyFile, knownHostsFile });
    },
    async restart(service, signal = 'SIGTERM') {
      const before = await provider.pidOf(service);
      process.kill(before, signal);
      await eventually(async () => {
        if ((await provider.pidOf(service)) === before) throw new Error(`${service} has not ended`);
      }, STATE_LIMIT_MS);
      await provider.ready();
    },
    async reloadNginx() {
      process.kill(await nginxMaster(), 'SIGHUP');
    },
    async leavingWorkers() {
      const master = await nginxMaster();
      const children = (await readFile(`/proc/${master}/task/${master}/children`, 'utf8')).trim().split(' ');
      const titles = children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
      const areLeaving = (await Promise.all(titles)).map((title) => title.includes('worker process is shutting down'));
      return children.filter((_, index) => areLeaving[index]).map(Number);
    },
    async metric(name, label) {
      const text = await (await fetch(`${baseUrl}/metrics`)).text();
      const values = text
        .split('\n')
        .filter((line) => line.startsWith(`golem_provider_${name}{`) && line.includes(label))
        .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
      return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
    },
    async dispose() {
      for (const made of clients) made.close();
      return provider.dispose();
    },
  };
}

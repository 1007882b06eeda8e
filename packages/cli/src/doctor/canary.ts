import { randomBytes } from 'node:crypto';
import type { Finding, Job, VmId } from '@golem-provider/contracts';
import { errorChain, withDeadline } from '@golem-provider/service-kit';
import { followJob } from '../api/follow-job.ts';
import type { ProviderApi } from '../api/provider-api.ts';
import { sshArguments, withSshFiles } from '../operator/ssh-login.ts';
import { throughLoopback } from '../operator/ssh-vm.ts';

/** What the canary works with. */
export interface CanaryDeps {
  readonly api: ProviderApi;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
  /** Runs ssh and gives what it wrote; rejects when it did not end with 0. */
  readonly runSsh: (args: readonly string[], timeoutMs: number) => Promise<string>;
}

const LAUNCH_TIMEOUT_MS = 20 * 60_000;
const DELETE_TIMEOUT_MS = 5 * 60_000;
const LOGIN_TIMEOUT_MS = 60_000;

async function mustSucceed(job: Job): Promise<void> {
  if (job.status === 'completed' || job.status === 'ready') return Promise.resolve();
  throw new Error(job.error === null ? `the job ended as ${job.status}` : `${job.error.code}: ${job.error.message}`);
}

async function logIn({ api, runSsh }: CanaryDeps, id: VmId): Promise<string> {
  const access = await api.getAccess(id);
  if (access === undefined) throw new Error('the VM is still being created');
  const reached = throughLoopback(access, api.baseUrl);
  return withSshFiles(reached, async (files) => {
    const args = sshArguments(reached, files, ['uname', '-sr']);
    return (await runSsh(['-o', 'BatchMode=yes', ...args], LOGIN_TIMEOUT_MS)).trim();
  });
}

/**
 * Makes a VM of the smallest size, logs in to it through its public port and deletes it, as a requestor would. What was made
 * is deleted whatever happens, also after Ctrl+C.
 */
export async function canaryFinding(deps: CanaryDeps): Promise<Finding> {
  const { api, signal, tell } = deps;
  const name = `canary-${randomBytes(4).toString('hex')}`;
  let id: VmId | undefined;
  let seen = '';
  let failure: unknown;
  try {
    tell(`canary: creating ${name}`);
    const job = await api.createVm({ name });
    id = job.vm_id;
    await mustSucceed(await followJob(api, job.job_id, { signal, timeoutMs: LAUNCH_TIMEOUT_MS }, () => undefined));
    tell('canary: logging in');
    seen = await logIn(deps, id);
  } catch (error) {
    failure = error;
  }
  if (id !== undefined) {
    tell('canary: deleting it');
    try {
      // Also when the command was told to end: a VM that nobody wants would stay.
      const deletion = await api.deleteVm(id);
      const following = {
        signal: withDeadline(new AbortController().signal, DELETE_TIMEOUT_MS),
        timeoutMs: DELETE_TIMEOUT_MS,
      };
      if (deletion !== undefined) await mustSucceed(await followJob(api, deletion.job_id, following, () => undefined));
    } catch (error) {
      failure ??= new Error(`it could not be deleted, delete ${id} by hand: ${errorChain(error)}`);
    }
  }
  signal.throwIfAborted();
  if (failure === undefined)
    return { name: 'canary', verdict: 'ok', detail: `made, logged in to (${seen}), deleted`, remedy: null };
  return {
    name: 'canary',
    verdict: 'problem',
    detail: errorChain(failure).replaceAll('\n', ' '),
    remedy: 'The log of the vm-worker, under the data directory, has the cause.',
  };
}

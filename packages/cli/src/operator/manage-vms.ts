import { readFile } from 'node:fs/promises';
import type { Vm } from '@golem-provider/contracts';
import { CreateVmRequest, errorCodeEntry, type Job, type JobAccepted } from '@golem-provider/contracts';
import { expandPath } from '@golem-provider/service-kit';
import type { z } from 'zod';
import { followJob } from '../api/follow-job.ts';
import type { PowerVerb } from '../api/provider-api.ts';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES, exitCodeOfStatus } from '../exit-codes.ts';
import { renderPairs } from '../output/table.ts';
import { findVm, renderVm, renderVms } from '../output/vm-text.ts';
import { type ApiCommandOptions, operatorContext, type OperatorContext } from './operator-context.ts';
import { createProgressTeller } from './progress-teller.ts';

/** How long a command waits for the end of what it asked for: more than a launch may take. */
const FOLLOW_TIMEOUT_MS = 30 * 60_000;

/** Options of the commands that change something. */
export interface ChangeOptions extends ApiCommandOptions {
  /** False: show the job at once and let it go on. */
  readonly wait?: boolean;
}

/** What `vms create` is given on the command line, as text. */
export interface CreateOptions extends ChangeOptions {
  readonly size?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly storage?: string;
  readonly image?: string;
  /** A file with a public key. */
  readonly sshKey?: string;
}

/** The VM that a person means. */
export async function mustFindVm({ api }: OperatorContext, reference: string): Promise<Vm> {
  const found = findVm(await api.listVms(), reference);
  if (typeof found === 'string') throw new CommandError(found, EXIT_CODES.notFound);
  return found;
}

function failJob({ operation, error, status, vm_id }: Job): never {
  if (error === null) throw new CommandError(`${operation} of ${vm_id}: ${status}`);
  const entry = errorCodeEntry(error.code);
  throw new CommandError(
    `${operation} of ${vm_id} ${status}: ${error.message}\n${entry.remedy} (${error.code})`,
    exitCodeOfStatus(entry.status),
  );
}

/** Follows a job to its end, telling its phases; fails when it did. Undefined where nobody wants to wait. */
async function finish(
  context: CommandContext,
  { api, tell, show }: OperatorContext,
  job: JobAccepted,
  { wait = true }: ChangeOptions,
): Promise<Job | undefined> {
  if (!wait) {
    show(job, `Job ${job.job_id} of ${job.vm_id} goes on in the background.\n`);
    return undefined;
  }
  const teller = createProgressTeller(tell, () => performance.now());
  const following = { signal: context.signal, timeoutMs: FOLLOW_TIMEOUT_MS };
  const ended = await followJob(api, job.job_id, following, teller);
  return ended.status === 'completed' || ended.status === 'ready' ? ended : failJob(ended);
}

/** Lists the VMs. */
export async function listVms(context: CommandContext, options: ApiCommandOptions): Promise<void> {
  const { api, show, nowMs } = operatorContext(context, options);
  const vms = await api.listVms();
  show(vms, renderVms(vms, nowMs()));
}

/** Shows one VM. */
export async function showVm(context: CommandContext, reference: string, options: ApiCommandOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const vm = await mustFindVm(operator, reference);
  operator.show(vm, renderVm(vm, operator.nowMs()));
}

function amount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new CommandError(`--${option}: ${text} is not a whole number`, EXIT_CODES.usage);
}

/** The request of `vms create`, judged as the API will judge it. */
export function createRequest(
  name: string,
  options: CreateOptions,
  sshKey: string | undefined,
): z.input<typeof CreateVmRequest> {
  const given = {
    name,
    size: options.size,
    cpu_cores: amount('cpu', options.cpu),
    memory_gb: amount('memory', options.memory),
    storage_gb: amount('storage', options.storage),
    image: options.image,
    ssh_key: sshKey,
  };
  const request = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const result = CreateVmRequest.safeParse(request);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => `${path.join('.') || 'request'}: ${message}`);
  throw new CommandError(lines.join('\n'), EXIT_CODES.usage);
}

async function readPublicKey(path: string): Promise<string> {
  try {
    return (await readFile(expandPath(path), 'utf8')).trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new CommandError(`--ssh-key: the file cannot be read (${reason})`, EXIT_CODES.usage);
  }
}

/** Creates a VM, tells its phases, and shows how to log in. */
export async function createVm(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const key = options.sshKey === undefined ? undefined : await readPublicKey(options.sshKey);
  const job = await operator.api.createVm(createRequest(name, options, key));
  if ((await finish(context, operator, job, options)) === undefined) return;
  const vm = await operator.api.getVm(job.vm_id);
  const login = renderPairs([['log in', `golem-provider vms ssh ${vm.id}`]]);
  operator.show(vm, `${renderVm(vm, operator.nowMs())}${login}`);
}

/** Starts, stops or restarts a VM. */
export async function changePower(
  context: CommandContext,
  reference: string,
  verb: PowerVerb,
  options: ChangeOptions,
): Promise<void> {
  const operator = operatorContext(context, options);
  const { id } = await mustFindVm(operator, reference);
  const job = await operator.api.changePower(id, verb);
  if (job !== undefined && (await finish(context, operator, job, options)) === undefined) return;
  const vm = await operator.api.getVm(id);
  operator.show(vm, `${id} is ${vm.status}.\n`);
}

/** Deletes a VM. */
export async function deleteVm(context: CommandContext, reference: string, options: ChangeOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const { id } = await mustFindVm(operator, reference);
  const job = await operator.api.deleteVm(id);
  if (job !== undefined && (await finish(context, operator, job, options)) === undefined) return;
  operator.show({ id, status: 'deleted' }, `${id} is deleted.\n`);
}

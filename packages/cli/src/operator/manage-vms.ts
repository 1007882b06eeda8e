import { CreateVmRequest, ResizeVmRequest, resourcesText, type Vm } from '@golem-provider/contracts';
import type { z } from 'zod';
import type { PowerVerb } from '../api/provider-api.ts';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { findVm, renderVm, renderVms } from '../output/vm-text.ts';
import { amount, parseRequest, readPublicKey } from './arguments.ts';
import { type ChangeOptions, finish } from './finish-job.ts';
import { type ApiCommandOptions, operatorContext, type OperatorContext } from './operator-context.ts';

/** What a VM is to have, as given on the command line. */
export interface SizeOptions extends ChangeOptions {
  readonly cpu?: string;
  readonly memory?: string;
  readonly storage?: string;
}

/** What `vms create` is given on the command line, as text. */
export interface CreateOptions extends SizeOptions {
  readonly size?: string;
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

/** The request of `vms create`, judged as the API will judge it. */
export function createRequest(
  name: string,
  options: CreateOptions,
  sshKey: string | undefined,
): z.input<typeof CreateVmRequest> {
  return parseRequest(CreateVmRequest, {
    name,
    size: options.size,
    cpu_cores: amount('cpu', options.cpu),
    memory_gb: amount('memory', options.memory),
    storage_gb: amount('storage', options.storage),
    image: options.image,
    ssh_key: sshKey,
  });
}

/** Creates a VM, tells its phases, and shows how to log in. */
export async function createVm(context: CommandContext, name: string, options: CreateOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const key = options.sshKey === undefined ? undefined : await readPublicKey('--ssh-key', options.sshKey);
  const job = await operator.api.createVm(createRequest(name, options, key));
  if (!(await finish(context, operator, job, options))) return;
  const vm = await operator.api.getVm(job.vm_id);
  operator.show(vm, renderVm(vm, operator.nowMs(), [['log in', `golem-provider vms ssh ${vm.id}`]]));
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
  if (job !== undefined && !(await finish(context, operator, job, options))) return;
  const vm = await operator.api.getVm(id);
  operator.show(vm, `${id} is ${vm.status}.\n`);
}

/** Gives a stopped VM another size. */
export async function resizeVm(context: CommandContext, reference: string, options: SizeOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const request = parseRequest(ResizeVmRequest, {
    cpu_cores: amount('cpu', options.cpu),
    memory_gb: amount('memory', options.memory),
    storage_gb: amount('storage', options.storage),
  });
  const { id } = await mustFindVm(operator, reference);
  const job = await operator.api.resizeVm(id, request);
  if (job !== undefined && !(await finish(context, operator, job, options))) return;
  const vm = await operator.api.getVm(id);
  operator.show(vm, `${id} has ${resourcesText(vm)}.\n`);
}

/** Deletes a VM. */
export async function deleteVm(context: CommandContext, reference: string, options: ChangeOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const { id } = await mustFindVm(operator, reference);
  const job = await operator.api.deleteVm(id);
  if (job !== undefined && !(await finish(context, operator, job, options))) return;
  operator.show({ id, status: 'deleted' }, `${id} is deleted.\n`);
}

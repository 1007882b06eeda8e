import { OperationId } from '@golem-provider/contracts';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { renderPairs } from '../output/table.ts';
import { renderAdvertisement, renderResources, renderStatus } from '../output/provider-text.ts';
import { type ApiCommandOptions, operatorContext } from './operator-context.ts';

/** Shows how the provider is; the exit code is that of `tryLater` while it is not ready. */
export async function showStatus(context: CommandContext, options: ApiCommandOptions): Promise<number> {
  const { api, show, nowMs } = operatorContext(context, options);
  const [readiness, info, resources, vms] = await Promise.all([
    api.readiness(),
    api.info(),
    api.resources(),
    api.listVms(),
  ]);
  const state = { readiness, info, resources, vms };
  show(state, renderStatus(state, nowMs()));
  return readiness.ready ? 0 : EXIT_CODES.tryLater;
}

/** Shows what there is, what is held and what is free. */
export async function showResources(context: CommandContext, options: ApiCommandOptions): Promise<void> {
  const { api, show } = operatorContext(context, options);
  const resources = await api.resources();
  show(resources, renderResources(resources));
}

/** Shows whether requestors can find this provider. */
export async function showAdvertisement(context: CommandContext, options: ApiCommandOptions): Promise<void> {
  const { api, show, nowMs } = operatorContext(context, options);
  const info = await api.info();
  show(info.advertisement, renderAdvertisement(info, nowMs()));
}

/** Keeps new VMs out, or lets them in again, and shows which it is. */
export async function setDrain(
  context: CommandContext,
  isDraining: boolean,
  options: ApiCommandOptions,
): Promise<void> {
  const { api, show } = operatorContext(context, options);
  const state = await api.setDrain(isDraining);
  const text =
    state.since === null
      ? 'New VMs are taken.\n'
      : `No new VMs are taken since ${state.since}; those there are go on.\n`;
  show(state, text);
}

/** Shows one job. */
export async function showJob(context: CommandContext, reference: string, options: ApiCommandOptions): Promise<void> {
  const { api, show } = operatorContext(context, options);
  const id = OperationId.safeParse(reference);
  if (!id.success) throw new CommandError(`${reference} is not the id of a job, such as op-…`, EXIT_CODES.usage);
  const job = await api.getJob(id.data);
  show(
    job,
    renderPairs([
      ['job', job.job_id],
      ['vm', job.vm_id],
      ['operation', job.operation],
      ['status', job.status],
      ['phase', job.progress === null ? job.phase : `${job.phase}, ${job.progress} %`],
      ['created', job.created_at],
      ['updated', job.updated_at],
      ...(job.error === null ? [] : [['error', `${job.error.code}: ${job.error.message}`] as const]),
    ]),
  );
}

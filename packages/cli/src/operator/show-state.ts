import type { CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
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
      : `No new VMs are taken since ${state.since}; those that exist go on.\n`;
  show(state, text);
}

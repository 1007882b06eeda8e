import { AddSshKeyRequest } from '@golem-provider/contracts';
import type { CommandContext } from '../commands/command-context.ts';
import { renderKeys } from '../output/vm-text.ts';
import { parseRequest, readPublicKey } from './arguments.ts';
import { type ChangeOptions, finish } from './finish-job.ts';
import { mustFindVm } from './manage-vms.ts';
import { type ApiCommandOptions, operatorContext } from './operator-context.ts';

/** Lists the keys of a VM beside its first one. */
export async function listKeys(context: CommandContext, reference: string, options: ApiCommandOptions): Promise<void> {
  const operator = operatorContext(context, options);
  const { id } = await mustFindVm(operator, reference);
  const keys = await operator.api.listKeys(id);
  operator.show(keys, renderKeys(keys));
}

/** Authorises the public key in a file under a name. */
export async function addKey(
  context: CommandContext,
  reference: string,
  { name, file }: { readonly name: string; readonly file: string },
  options: ChangeOptions,
): Promise<void> {
  const operator = operatorContext(context, options);
  const request = parseRequest(AddSshKeyRequest, { name, key: await readPublicKey('the key', file) });
  const { id } = await mustFindVm(operator, reference);
  const job = await operator.api.addKey(id, request);
  if (job !== undefined && !(await finish(context, operator, job, options))) return;
  operator.show(
    (await operator.api.listKeys(id)).find((key) => key.name === name) ?? null,
    `${name} logs in to ${id}.\n`,
  );
}

/** Withdraws a key. */
export async function removeKey(
  context: CommandContext,
  reference: string,
  name: string,
  options: ChangeOptions,
): Promise<void> {
  const operator = operatorContext(context, options);
  const { id } = await mustFindVm(operator, reference);
  const job = await operator.api.removeKey(id, name);
  if (job !== undefined && !(await finish(context, operator, job, options))) return;
  operator.show(
    { vm_id: id, name, state: 'removed' },
    `${name} no longer logs in to ${id}; its open sessions go on.\n`,
  );
}

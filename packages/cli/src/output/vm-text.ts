import { resourcesText, type SshKey, type Vm } from '@golem-provider/contracts';
import { renderAge, renderPairs, renderTable } from './table.ts';

/** Named keys as a table for people. */
export function renderKeys(keys: readonly SshKey[]): string {
  if (keys.length === 0) return 'There are no keys beside the first one.\n';
  return renderTable(
    ['NAME', 'STATE', 'KEY'],
    keys.map(({ name, state, key }) => [name, state, key]),
  );
}

/** VMs as a table for people; the size is cores/GiB of memory/GiB of storage. */
export function renderVms(vms: readonly Vm[], nowMs: number): string {
  if (vms.length === 0) return 'There are no VMs.\n';
  return renderTable(
    ['ID', 'STATUS', 'SIZE', 'SSH PORT', 'AGE', 'ERROR'],
    vms.map((vm) => [
      vm.id,
      vm.status,
      `${vm.cpu_cores}/${vm.memory_gb}/${vm.storage_gb}`,
      vm.proxy_port === null ? '-' : String(vm.proxy_port),
      renderAge(vm.created_at, nowMs),
      vm.error?.code ?? '',
    ]),
  );
}

/** All of one VM for people, and what else is to be said of it. */
export function renderVm(vm: Vm, nowMs: number, more: readonly (readonly [string, string])[] = []): string {
  return renderPairs([
    ['id', vm.id],
    ['name', vm.name],
    ['status', vm.status],
    ['size', resourcesText(vm)],
    ['image', vm.image],
    ['address', vm.ip_address ?? '-'],
    ['ssh', vm.proxy_port === null ? '-' : `${vm.proxy_host} port ${vm.proxy_port}`],
    ['created', `${vm.created_at} (${renderAge(vm.created_at, nowMs)} ago)`],
    ...(vm.error === null ? [] : [['error', `${vm.error.code}: ${vm.error.message}`] as const]),
    ...more,
  ]);
}

/** The VM that a person means: by its id, or by its name where only one VM has it. Says otherwise what is wrong. */
export function findVm(vms: readonly Vm[], reference: string): Vm | string {
  const byId = vms.find(({ id }) => id === reference);
  if (byId !== undefined) return byId;
  const named = vms.filter(({ name }) => name === reference);
  const [only] = named;
  if (only === undefined) return `There is no VM ${reference}; \`golem-provider vms\` lists them.`;
  if (named.length === 1) return only;
  return `${named.length} VMs have the name ${reference}; say which by its id:\n${named.map(({ id }) => `  ${id}`).join('\n')}`;
}

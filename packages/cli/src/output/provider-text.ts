import type { ProviderInfo, ProviderResources, Readiness, Vm } from '@golem-provider/contracts';
import { describeHypervisor } from '../supervisor/banner.ts';
import { renderAge, renderPairs, renderTable } from './table.ts';

function percentText(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(0)} %`;
}

/** What there is, what the host keeps, what is held and what is free, for people. */
export function renderResources(resources: ProviderResources): string {
  const { total, host_reserve: kept, reserved, available, usage_percent: usage, thresholds } = resources;
  const { accepting, reasons } = resources;
  const row = (
    name: string,
    field: 'cpu_cores' | 'memory_gb' | 'storage_gb',
    dimension: 'cpu' | 'memory' | 'storage',
  ): string[] => [
    name,
    total === null ? '-' : String(total[field]),
    kept === null ? '-' : String(kept[field]),
    String(reserved[field]),
    String(available[field]),
    percentText(usage?.[dimension]),
    percentText(thresholds[dimension]),
  ];
  const table = renderTable(
    ['', 'TOTAL', 'KEPT', 'HELD', 'FREE', 'LOAD', 'LIMIT'],
    [
      row('cores', 'cpu_cores', 'cpu'),
      row('memory (GiB)', 'memory_gb', 'memory'),
      row('storage (GiB)', 'storage_gb', 'storage'),
    ],
  );
  const verdict = accepting
    ? 'New VMs are taken.\n'
    : ['New VMs are not taken:', ...reasons.map(({ code, detail }) => `  ${detail} (${code})`), ''].join('\n');
  return `${table}\n${verdict}`;
}

/** Whether requestors can find this provider, for people. */
export function renderAdvertisement({ advertisement, ...info }: ProviderInfo, nowMs: number): string {
  const { status, last_success_at: last, reason } = advertisement;
  return renderPairs([
    ['status', status],
    ['provider id', info.provider_id],
    ['address', info.ip_address],
    ['country', info.country],
    ['last success', last === null ? 'never' : `${last} (${renderAge(last, nowMs)} ago)`],
    ...(reason === null ? [] : [['reason', reason] as const]),
  ]);
}

/** Everything that `status` asks the API for. */
export interface ProviderState {
  readonly readiness: Readiness;
  readonly info: ProviderInfo;
  readonly resources: ProviderResources;
  readonly vms: readonly Vm[];
}

/** How the provider is, on one page for people. */
export function renderStatus({ readiness, info, resources, vms }: ProviderState, nowMs: number): string {
  const byStatus = new Map<string, number>();
  for (const { status } of vms) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  const counts = [...byStatus].map(([status, count]) => `${count} ${status}`).join(', ');
  const { status, reason, last_success_at: last } = info.advertisement;
  const since = last === null ? '' : `, last success ${renderAge(last, nowMs)} ago`;
  const head = renderPairs([
    ['provider', `${info.name} (${info.provider_id}), version ${info.version}`],
    ['ready', readiness.ready ? 'yes' : 'no'],
    ...readiness.checks.map(
      ({ name, ok, required, detail }) =>
        [`  ${name}`, `${ok ? 'ok' : required ? 'MISSING' : 'not ok, nor needed'}: ${detail}`] as const,
    ),
    ['hypervisor', describeHypervisor(info.hypervisor)],
    ['address', `${info.ip_address}, country ${info.country}`],
    ['advertised', `${status}${since}${reason === null ? '' : `: ${reason}`}`],
    ['VMs', vms.length === 0 ? 'none' : `${vms.length} (${counts})`],
  ]);
  return `${head}\n${renderResources(resources)}`;
}

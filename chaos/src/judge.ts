import type { OperationName } from './chaos-case.ts';

/** In what a provider that did not mend itself may have failed, and the suite. */
export const VERDICTS = ['lost', 'leaked', 'doubled', 'stuck', 'missed'] as const;
/** `missed`: nobody met the fault, so that the case has shown nothing. `lost`: what should be there is not; `leaked`: what should not be there is; `stuck`: it does not come to an end. */
export type Verdict = (typeof VERDICTS)[number];

/** One thing that is not as it should be, and how it is counted. */
export interface ChaosFinding {
  readonly verdict: Verdict;
  readonly what: string;
}

/** A VM as the API shows it, and what a requestor finds who logs in. */
export interface SeenVm {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly port: number | null;
  readonly spec: string;
  /** The lines of `authorized_keys`, or why nobody could log in; undefined where nobody tried, as it need not run. */
  readonly login: readonly string[] | Error | undefined;
}

/** What there is at one moment. */
export interface Seen {
  /** Undefined when the API gives none. */
  readonly vms: readonly SeenVm[] | undefined;
  /** Why the provider is not ready, if it is not. */
  readonly notReady: string | undefined;
  /** Whether the ssh proxy has a master. */
  readonly hasProxyMaster: boolean;
  /** Findings of the operator's audit; undefined when it could not be told. */
  readonly audit: readonly { readonly kind: string; readonly detail: string }[] | undefined;
  /** The machines that the hypervisor lists, by name. */
  readonly machines: ReadonlyMap<string, string>;
  /** What runs of guests: for each the name of its machine. */
  readonly guests: readonly string[];
}

/** How the operation of a case ended. */
export interface Ended {
  readonly operation: OperationName;
  readonly name: string;
  /** `none`: nobody ever heard of its end. `done`: there was nothing to do any more. */
  readonly status: 'completed' | 'failed' | 'cancelled' | 'done' | 'none';
  readonly detail: string;
  /** Whether the fault is a reason for it to fail. */
  readonly mayFail: boolean;
  /** The line that `ssh-key` adds. */
  readonly keyLine: string;
  /** What `resize` asks for. */
  readonly spec: string;
}

/** VMs that should be there whatever the case does, with their ports. */
export type Bystanders = ReadonlyMap<string, number | null>;

const LEAKS = new Set([
  'operation_stray',
  'machine_stray',
  'forward_stray',
  'port_stray',
  'reservation_stray',
  'directory_stray',
  'manifest_stray',
  'file_left_over',
  'port_listening',
]);
const STUCK = new Set([
  'operation_without_job',
  'operation_unlisted',
  'job_without_operation',
  'status_unsettled',
  'hypervisor_unavailable',
  'power_differs',
  'manifest_bad',
]);

function verdictOf(kind: string): Verdict {
  if (LEAKS.has(kind)) return 'leaked';
  return STUCK.has(kind) ? 'stuck' : 'lost';
}

/** The status in which the VM of the case should be; undefined where it should be gone, or hold nothing. */
function expectedStatus({ operation, status }: Ended): string | undefined {
  switch (operation) {
    case 'create':
      return status === 'failed' || status === 'cancelled' ? undefined : 'running';
    case 'start':
    case 'restart':
    case 'ssh-key':
      return 'running';
    case 'stop':
    case 'resize':
      return 'stopped';
    case 'delete':
      return undefined;
  }
}

function* judgeVm(vm: SeenVm, status: string): Generator<ChaosFinding> {
  if (vm.status !== status)
    yield { verdict: vm.status === 'error' ? 'lost' : 'stuck', what: `${vm.id} is ${vm.status}, not ${status}` };
  if (vm.login instanceof Error) yield { verdict: 'lost', what: `nobody can log in to ${vm.id}: ${vm.login.message}` };
  const lines = Array.isArray(vm.login) ? vm.login : [];
  const twice = lines.filter((line, index) => lines.indexOf(line) !== index);
  if (twice.length > 0) yield { verdict: 'doubled', what: `${vm.id} has a key twice: ${twice.join()}` };
}

function* judgeSubject(vms: readonly SeenVm[], ended: Ended): Generator<ChaosFinding> {
  const found = vms.filter(({ name }) => name === ended.name);
  const [vm] = found;
  const status = expectedStatus(ended);
  if (found.length > 1) yield { verdict: 'doubled', what: `${ended.name} is there ${found.length} times` };
  if (status === undefined) {
    // The record of a creation that failed tells why for a day.
    const isTold = ended.operation === 'create' && vm?.status === 'error';
    if (vm !== undefined && !isTold) yield { verdict: 'leaked', what: `${vm.id} is still there, ${vm.status}` };
    return;
  }
  if (vm === undefined) {
    yield { verdict: 'lost', what: `${ended.name} is gone` };
    return;
  }
  yield* judgeVm(vm, status);
  if (ended.status !== 'completed' && ended.status !== 'done') return;
  const hasKey = Array.isArray(vm.login) && vm.login.includes(ended.keyLine);
  if (ended.operation === 'ssh-key' && !hasKey) yield { verdict: 'lost', what: `the new key is not in ${vm.id}` };
  if (ended.operation === 'resize' && vm.spec !== ended.spec)
    yield { verdict: 'lost', what: `${vm.id} has ${vm.spec}, not ${ended.spec}` };
}

function* judgeHost(seen: Seen, vms: readonly SeenVm[]): Generator<ChaosFinding> {
  const holding = new Set(vms.filter(({ status }) => status !== 'error').map(({ id }) => id));
  for (const name of seen.machines.keys())
    if (!holding.has(name)) yield { verdict: 'leaked', what: `the machine ${name}` };
  for (const name of new Set(seen.guests)) {
    if (!seen.machines.has(name)) yield { verdict: 'leaked', what: `processes of the guest ${name}` };
  }
  const ports = vms.flatMap(({ port, status }) => (port === null || status === 'error' ? [] : [port]));
  for (const port of new Set(ports.filter((port, index) => ports.indexOf(port) !== index)))
    yield { verdict: 'doubled', what: `two VMs have the port ${port}` };
}

/** Everything in which the provider is not as it should be after a case. Pure; empty where it has mended itself. */
export function judge(seen: Seen, ended: Ended, bystanders: Bystanders): ChaosFinding[] {
  const findings: ChaosFinding[] = [];
  if (ended.status === 'none') findings.push({ verdict: 'stuck', what: `the operation did not end: ${ended.detail}` });
  if ((ended.status === 'failed' || ended.status === 'cancelled') && !ended.mayFail)
    findings.push({ verdict: 'lost', what: `the operation ${ended.status}: ${ended.detail}` });
  if (seen.notReady !== undefined) findings.push({ verdict: 'stuck', what: `it is not ready: ${seen.notReady}` });
  if (!seen.hasProxyMaster) findings.push({ verdict: 'stuck', what: 'nginx has no master' });
  if (seen.audit === undefined) findings.push({ verdict: 'stuck', what: 'it cannot be audited' });
  // What a failed creation leaves on purpose.
  const told = (seen.audit ?? []).filter(({ kind }) => kind !== 'vm_in_error' || expectedStatus(ended) !== undefined);
  for (const { kind, detail } of told) findings.push({ verdict: verdictOf(kind), what: `${kind}: ${detail}` });
  const { vms } = seen;
  if (vms === undefined) return [...findings, { verdict: 'stuck', what: 'the API does not list the VMs' }];
  findings.push(...judgeSubject(vms, ended), ...judgeHost(seen, vms));
  for (const [id, port] of bystanders) {
    const vm = vms.find((other) => other.id === id);
    if (vm === undefined) findings.push({ verdict: 'lost', what: `${id}, which nobody touched, is gone` });
    else findings.push(...judgeVm(vm, 'running'));
    if (vm !== undefined && vm.port !== port)
      findings.push({ verdict: 'lost', what: `the port of ${id} became ${vm.port ?? 'none'}` });
  }
  return findings;
}

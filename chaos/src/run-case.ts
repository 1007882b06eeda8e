import { setTimeout as delay } from 'node:timers/promises';
import { HostId, type VmRecord } from '@golem-provider/contracts';
import { systemClock } from '@golem-provider/service-kit';
import { createRecordStore } from '@golem-provider/store';
import type { OperationEnd } from './bed/api.ts';
import { type ChaosBed, createChaosBed } from './bed/chaos-bed.ts';
import { isStopped, signal, untilTrue } from './bed/processes.ts';
import type { ChaosCase, OperationName } from './chaos-case.ts';
import { FAULTS } from './faults/faults.ts';
import { type Bystanders, type ChaosFinding, type Ended, judge, type Seen, type SeenVm } from './judge.ts';
import { eventually, type Random } from '@golem-provider/testing';
import { change, creation, type Order } from './vm-requests.ts';

/** How a case ended. */
export interface CaseResult {
  readonly chaosCase: ChaosCase;
  readonly seconds: number;
  /** How the operation ended, in words. */
  readonly ended: string;
  /** Empty where the provider has mended itself. */
  readonly findings: readonly ChaosFinding[];
}

/** A bed with its VMs, on which one case follows the other. */
export interface CaseRunner {
  /** Runs a case to its end; rejects only when the bed itself is not as it should be. */
  run(chaosCase: ChaosCase): Promise<CaseResult>;
  readonly bed: ChaosBed;
}

/** These end a case that has failed: nothing that mends itself takes so long. */
const REACH_LIMIT_MS = 60_000;
const MEET_LIMIT_MS = 60_000;
const OPERATION_LIMIT_MS = 150_000;
const MEND_LIMIT_MS = 90_000;
const LOOK_AGAIN_MS = 200;
/** The client can hear of an operation's end before a point that comes after it is reached: that is waited for this long. */
const LATE_MS = 30_000;
/** VMs that are kept for later cases. */
const KEPT_VMS = 2;
const HOST = HostId.parse('local');

const NEEDED: Readonly<Record<Exclude<OperationName, 'create'>, 'running' | 'stopped'>> = {
  stop: 'running',
  start: 'stopped',
  restart: 'running',
  delete: 'running',
  'ssh-key': 'running',
  resize: 'stopped',
};

/** Starts a bed and makes the VM that no case touches. */
export async function createCaseRunner(environment: NodeJS.ProcessEnv, random: Random): Promise<CaseRunner> {
  const bed = await createChaosBed(environment);
  try {
    return await createRunnerOn(bed, random);
  } catch (error) {
    await bed.dispose();
    throw error;
  }
}

async function createRunnerOn(bed: ChaosBed, random: Random): Promise<CaseRunner> {
  const records = createRecordStore(bed.redis.client, HOST, systemClock);
  let names = 0;
  const newName = (): string => {
    names += 1;
    return `vm-${String(names).padStart(3, '0')}`;
  };

  /** Does something where nothing goes wrong. */
  const must = async ({ request }: Order): Promise<void> => {
    const { status, detail } = await bed.api.operate(request, OPERATION_LIMIT_MS);
    if (status !== 'completed' && status !== 'done') throw new Error(`${request.method} ${request.path}: ${detail}`);
  };
  /** Looks until all is as it should be, or the time has passed. */
  const untilMended = async (
    ended: Ended,
    bystanders: Bystanders,
  ): Promise<{ seen: Seen; findings: ChaosFinding[] }> => {
    const deadline = performance.now() + MEND_LIMIT_MS;
    for (;;) {
      const seen = await bed.look();
      const findings = judge(seen, ended, bystanders);
      // How the operation ended does not change any more.
      const isFinal =
        ended.status === 'none' || ((ended.status === 'failed' || ended.status === 'cancelled') && !ended.mayFail);
      if (findings.length === 0 || (isFinal && findings.length === 1) || performance.now() >= deadline)
        return { seen, findings };
      await delay(LOOK_AGAIN_MS);
    }
  };
  const endOf = (order: Order, end: OperationEnd, mayFail: boolean): Ended => ({ ...order, ...end, mayFail });

  const make = async (): Promise<SeenVm> => {
    const order = creation(newName(), bed.publicKey);
    await must(order);
    const vms = await eventually(async () => {
      const seen = await bed.look();
      if (seen.vms === undefined) throw new Error('the API does not list the VMs');
      return seen.vms;
    }, MEND_LIMIT_MS);
    const vm = vms.find(({ name }) => name === order.name);
    if (vm === undefined) throw new Error(`${order.name} was made and is not there`);
    return vm;
  };

  const bystander = await make();
  const bystanders: Bystanders = new Map([[bystander.id, bystander.port]]);
  let pool: SeenVm[] = [];

  /** A VM as the operation needs one. */
  const prepare = async (operation: Exclude<OperationName, 'create'>): Promise<SeenVm> => {
    const vm = pool.length > 0 ? random.pick(pool) : await make();
    const needed = NEEDED[operation];
    const isStopped = vm.status === 'stopped';
    if (isStopped !== (needed === 'stopped')) await must(change(isStopped ? 'start' : 'stop', vm));
    return vm;
  };
  const keep = async (seen: Seen): Promise<void> => {
    const others = (seen.vms ?? []).filter(({ id }) => id !== bystander.id);
    const good = others.filter(({ status }) => status === 'running' || status === 'stopped');
    pool = good.slice(-KEPT_VMS);
    for (const vm of others) if (!pool.includes(vm)) await must(change('delete', vm));
  };

  return {
    bed,
    async run(chaosCase) {
      const { operation, point, fault: faultName } = chaosCase;
      await bed.reportHost();
      const order =
        operation === 'create' ? creation(newName(), bed.publicKey) : change(operation, await prepare(operation));
      const fault = FAULTS[faultName];
      const began = performance.now();
      const subject = async (): Promise<VmRecord | undefined> =>
        (await records.listVms()).find(({ name }) => name === order.name);

      const service = bed.services[point.service];
      bed.orders.pauseAt(point.service, point.name);
      let end: OperationEnd | undefined;
      let endedAt = Infinity;
      const operated = bed.api.operate(order.request, OPERATION_LIMIT_MS).then((how) => {
        end = how;
        endedAt = performance.now();
        return how;
      });
      const isThere = (): boolean => !bed.orders.isPausePending(point.service) && isStopped(service.pid());
      const isLate = (): boolean => performance.now() > endedAt + LATE_MS;
      const isReached = await untilTrue(isThere, REACH_LIMIT_MS, isLate);
      bed.orders.forgetPause(point.service);
      const stoppedPid = service.pid();
      const findings: ChaosFinding[] = [];
      if (isReached) {
        const isMet = fault.watch?.({ bed }) ?? ((): boolean => true);
        const undo = await fault.begin({ bed, stopped: point.service, subject, bystanderId: bystander.id });
        signal(stoppedPid, 'SIGCONT');
        await untilTrue(() => end !== undefined, fault.holdMs);
        // However slow the machine is, it is not ended before anybody has met it.
        const wasMet = await untilTrue(isMet, MEET_LIMIT_MS);
        await undo();
        if (!wasMet) findings.push({ verdict: 'missed', what: `nobody met the fault: ${faultName}` });
      } else {
        signal(stoppedPid, 'SIGCONT');
        findings.push({ verdict: 'stuck', what: `it did not come to the point where ${point.name}` });
      }
      const how = await operated;
      const mended = await untilMended(endOf(order, how, fault.mayFail), bystanders);
      findings.push(...mended.findings);
      const seconds = (performance.now() - began) / 1000;
      if (findings.length === 0) await keep(mended.seen);
      return { chaosCase, seconds, ended: how.status === 'done' ? 'done' : how.detail, findings };
    },
  };
}

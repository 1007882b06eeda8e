import type { CreateVmRequest, JobAccepted, OperationId, OwnerId, Settings, VmRecord } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { Admission, BoundCreation, IdempotencyKey, RecordStore, ReportStore } from '@golem-provider/store';
import type { Caller } from '../access/caller.ts';
import type { OwnerTokens } from '../access/owner-tokens.ts';
import type { OperationQueue } from '../queue/operation-queue.ts';
import { wishedImage, wishedSpec } from './create-vm-wish.ts';
import { followOperation, type Following } from './follow-operation.ts';
import type { OperationWaiter } from './operation-waiter.ts';

/** What the creation of VMs works with. */
export interface CreateVmDeps {
  readonly settings: Pick<
    Settings,
    'DEFAULT_VM_IMAGE' | 'ALLOWED_IMAGES' | 'MIN_CPU_CORES' | 'MIN_MEMORY_GB' | 'MIN_STORAGE_GB'
  >;
  readonly reports: Pick<ReportStore, 'worker'>;
  readonly admission: Admission;
  readonly records: Pick<RecordStore, 'getVm'>;
  readonly queue: Pick<OperationQueue, 'enqueue'>;
  readonly waiter: OperationWaiter;
  readonly ownerTokens: OwnerTokens;
}

/** A creation that has come to its end, or that goes on in the background. */
export type Created = (
  { readonly isDone: true; readonly vm: VmRecord } | { readonly isDone: false; readonly job: JobAccepted }
) & {
  /** Answers for the VM; undefined where the caller needs none. */
  readonly ownerToken: string | undefined;
};

/** Who asks for a VM. */
export interface Creator {
  readonly requestId: string;
  readonly caller: Pick<Caller, 'principal'>;
  /** Makes the request come to the same VM when it is sent again. */
  readonly idempotencyKey?: IdempotencyKey | undefined;
  /** What the key is bound to already: nothing is judged or reserved again. */
  readonly bound?: BoundCreation | undefined;
}

/** The token that a caller is given for what an operation creates; undefined where it needs none. */
export function newOwnerToken(
  { principal }: Creator['caller'],
  operation: OperationId,
  tokens: OwnerTokens,
): string | undefined {
  switch (principal.kind) {
    case 'operator':
    case 'owner':
      return undefined;
    case 'creator':
    case 'anonymous':
      return tokens.issue(operation);
  }
}

/**
 * Creates a VM: judges the wish, reserves what it needs, tells the worker, waits.
 *
 * Rejects with the reason when the wish is refused (nothing has been changed then), when the creation failed or was
 * cancelled, or when the client left (the creation goes on then).
 */
export type CreateVm = (request: CreateVmRequest, creator: Creator, following: Following) => Promise<Created>;

/** The use case over its parts. */
export function createCreateVm(deps: CreateVmDeps): CreateVm {
  const { settings, reports, admission, records, queue, waiter, ownerTokens } = deps;
  const minimum = {
    cpu_cores: settings.MIN_CPU_CORES,
    memory_gb: settings.MIN_MEMORY_GB,
    storage_gb: settings.MIN_STORAGE_GB,
  };

  /** Whose a VM becomes; who has no name yet is given one by the token of this creation. */
  const ownerBy =
    (caller: Creator['caller']) =>
    (operation: OperationId): OwnerId | null => {
      if (caller.principal.kind === 'owner') return caller.principal.owner;
      const token = newOwnerToken(caller, operation, ownerTokens);
      return token === undefined ? null : (ownerTokens.ownerOf(token) ?? null);
    };

  const admit = async (
    request: CreateVmRequest,
    creator: Creator,
  ): Promise<Pick<BoundCreation, 'vmId' | 'operationId'>> => {
    const spec = wishedSpec(request, minimum);
    const worker = await reports.worker.read();
    if (worker === undefined) {
      throw new AppError('WORKER_UNAVAILABLE', `creating ${request.name}: no worker has ever reported`);
    }
    const image = wishedImage({
      asked: request.image,
      fallback: settings.DEFAULT_VM_IMAGE,
      allowed: settings.ALLOWED_IMAGES,
      hypervisor: worker.report.hypervisor,
    });
    return admission.admit({
      name: request.name,
      spec,
      size: request.size ?? null,
      image,
      sshKey: request.ssh_key ?? null,
      streamId: request.stream_id ?? null,
      requestId: creator.requestId,
      ownerBy: ownerBy(creator.caller),
      idempotency: creator.idempotencyKey,
    });
  };

  return async (request, creator, following) => {
    const { vmId, operationId } = creator.bound ?? (await admit(request, creator));
    // Once more for a bound one: whoever bound it may have ended before it came to this.
    await queue.enqueue({ id: operationId, vmId, kind: 'create' });
    const ownerToken = newOwnerToken(creator.caller, operationId, ownerTokens);
    const job: JobAccepted = { job_id: operationId, vm_id: vmId, status: 'queued' };
    const followed = await followOperation(waiter, job, following);
    if (!followed.isDone) return { ...followed, ownerToken };
    const vm = await records.getVm(vmId);
    // It ran, and somebody deleted it before this request could say so.
    if (vm === undefined) throw new AppError('OPERATION_CANCELLED', `creating ${vmId}: it is gone already`);
    return { isDone: true, vm, ownerToken };
  };
}

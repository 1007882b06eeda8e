import type { Operation, VmId, VmRecord } from '@golem-provider/contracts';
import { eachAtMost, isAppError, type Logger } from '@golem-provider/service-kit';
import { LeaseLost, type RecordRestorer, type RecordStore, type RestoreResult } from '@golem-provider/store';
import type { Mends } from '../reconcile/mends.ts';
import { type Manifest, manifestMark } from './manifest.ts';
import type { ManifestKeeper } from './manifest-keeper.ts';
import type { ManifestFinding, ManifestStore } from './manifest-store.ts';

/** What the restorer works with. */
export interface ManifestRestorerDeps {
  readonly records: Pick<RecordStore, 'getVm' | 'listVms' | 'listPendingOperations'>;
  readonly restorer: RecordRestorer;
  readonly manifests: ManifestStore;
  readonly keeper: ManifestKeeper;
  readonly mends: Mends;
  readonly logger: Logger;
}

/** What a comparison of records and manifests has found and done. */
export interface RestoreReport {
  readonly restored: readonly VmId[];
  /** VMs that have a directory. */
  readonly directories: readonly VmId[];
  /** VMs with a manifest that could not be used, now or earlier. */
  readonly untrusted: ReadonlySet<VmId>;
  /**
   * Writes the manifests that are missing or older than their records; one that cannot be written is told of by the keeper. Once
   * the signal has aborted no more are begun. Resolves when all are safe on the disk, or none is being written any more.
   */
  writeManifests(signal: AbortSignal): Promise<void>;
}

/** Disks make several files safe in little more time than one. */
const WRITES_AT_ONCE = 16;

/** What is remembered of a manifest while all are compared: a host may have very many. */
type Found =
  | { readonly kind: 'good'; readonly revision: number; readonly mark: string }
  | Exclude<ManifestFinding, { readonly kind: 'good' }>;

function remember(finding: ManifestFinding): Found {
  if (finding.kind !== 'good') return finding;
  return { kind: 'good', revision: finding.manifest.vm.revision, mark: manifestMark(finding.manifest) };
}

/** Compares all records with all manifests; the newer revision wins. */
export interface ManifestRestorer {
  /**
   * Puts back what Redis has lost or cannot be read, and sets aside files that cannot be trusted. Manifests that are missing or
   * older are found, and written when the report is told to.
   *
   * @throws AppError `STORE_UNAVAILABLE`, LeaseLost, and errors of the file system: nothing is known then.
   */
  run(): Promise<RestoreReport>;
}

/** The restorer over records and files. */
export function createManifestRestorer(deps: ManifestRestorerDeps): ManifestRestorer {
  const { records, restorer, manifests, keeper, mends, logger } = deps;

  const restore = async (manifest: Manifest): Promise<RestoreResult['outcome']> => {
    const { vm } = manifest;
    const result = await restorer.restore(manifest);
    const log = logger.child({ vm_id: vm.id, manifest_revision: vm.revision, record_revision: result.foundRevision });
    switch (result.outcome) {
      case 'restored': {
        const isMoved = result.port !== vm.proxy_port;
        log.warn(
          { port: result.port, ...(isMoved && { old_port: vm.proxy_port }) },
          'Redis had lost this VM: restored',
        );
        await mends.tell(vm.id, 'record');
        const after = await records.getVm(vm.id);
        if (after !== undefined) await keeper.ensure(after, manifest.operations, true);
        break;
      }
      case 'kept':
        break;
      case 'deleted':
        log.info('the manifest of a deleted VM is removed');
        await keeper.remove(vm.id);
        break;
      case 'no_port':
        log.error('the VM cannot be restored: another VM holds its port, and no other is free');
        break;
    }
    return result.outcome;
  };
  const setAside = async (id: VmId, problem: string): Promise<void> => {
    logger.error({ vm_id: id, problem }, 'a manifest cannot be trusted and is set aside as manifest.json.bad');
    try {
      await manifests.quarantine(id);
      await mends.tell(id, 'manifest');
    } catch (err) {
      if (err instanceof LeaseLost) throw err;
      logger.error({ err, vm_id: id }, 'it could not be set aside');
    }
  };

  /** All records; one that cannot be read counts as lost where its manifest brings it back, otherwise nothing is known. */
  const listVms = async (findings: ReadonlyMap<VmId, Found>): Promise<VmRecord[]> => {
    try {
      return await records.listVms();
    } catch (error) {
      if (!isAppError(error) || error.code !== 'INTERNAL') throw error;
      for (const [id, { kind }] of findings) {
        if (kind !== 'good' || !(await restorer.setAsideUnreadable(id))) continue;
        logger.error(
          { err: error, vm_id: id },
          'a record cannot be read; it is set aside and restored from its manifest',
        );
      }
      return records.listVms();
    }
  };

  return {
    async run() {
      // The files first: a VM that is forgotten while this runs has lost its manifest before its record.
      const findings = new Map<VmId, Found>();
      await manifests.forEach((id, finding) => findings.set(id, remember(finding)));
      const vms = new Map((await listVms(findings)).map((vm) => [vm.id, vm]));
      keeper.compared(new Set(vms.keys()));
      const pending = await records.listPendingOperations();
      const operations = new Map<VmId, Operation[]>();
      for (const operation of pending)
        operations.set(operation.vm_id, [...(operations.get(operation.vm_id) ?? []), operation]);
      const restored = new Set<VmId>();
      const untrusted = new Set<VmId>();
      const handle = async (id: VmId, finding: Found): Promise<void> => {
        switch (finding.kind) {
          case 'good': {
            const vm = vms.get(id);
            if (vm !== undefined && finding.revision <= vm.revision) {
              keeper.adopt(vm, operations.get(id) ?? [], finding.mark);
              return;
            }
            // It may have been replaced since it was compared: as it is now, or not at all.
            const now = await manifests.read(id);
            if (now.kind !== 'good') return;
            const outcome = await restore(now.manifest);
            if (outcome === 'restored') restored.add(id);
            if (outcome === 'no_port') untrusted.add(id);
            return;
          }
          case 'bad':
            untrusted.add(id);
            await setAside(id, finding.problem);
            return;
          case 'foreign':
            untrusted.add(id);
            logger.warn({ vm_id: id, problem: finding.problem }, 'a manifest of another host is left alone');
            return;
          case 'none':
            if (finding.wasQuarantined) untrusted.add(id);
            return;
        }
      };
      await eachAtMost(WRITES_AT_ONCE, findings, ([id, finding]) => handle(id, finding));
      const outdated: (() => Promise<void>)[] = [];
      for (const [id, vm] of vms) {
        const found = findings.get(id);
        if (found?.kind === 'foreign' || restored.has(id)) continue;
        const isStale = found?.kind !== 'good' || found.revision < vm.revision;
        const now = operations.get(id) ?? [];
        if (isStale || !keeper.isWritten(vm)) outdated.push(() => keeper.ensure(vm, now, isStale));
      }
      return {
        restored: [...restored],
        directories: [...findings.keys()],
        untrusted,
        async writeManifests(signal) {
          try {
            await eachAtMost(WRITES_AT_ONCE, outdated, (write) => write(), signal);
          } catch (error) {
            if (!signal.aborted) throw error;
          }
        },
      };
    },
  };
}

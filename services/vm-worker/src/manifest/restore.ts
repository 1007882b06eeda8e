import type { Operation, VmId, VmRecord } from '@golem-provider/contracts';
import { isAppError, type Logger } from '@golem-provider/service-kit';
import { LeaseLost, type RecordRestorer, type RecordStore, type RestoreResult } from '@golem-provider/store';
import type { Mends } from '../reconcile/mends.ts';
import type { Manifest } from './manifest.ts';
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
}

/** Compares all records with all manifests; the newer revision wins. */
export interface ManifestRestorer {
  /**
   * Puts back what Redis has lost or cannot be read, writes manifests that are missing or older, and sets aside files that cannot be trusted.
   *
   * @throws AppError `STORE_UNAVAILABLE`, LeaseLost, and errors of the file system: nothing is known then.
   */
  run(): Promise<RestoreReport>;
}

function isNewer(manifest: Manifest, vm: VmRecord | undefined): boolean {
  return vm === undefined || manifest.vm.revision > vm.revision;
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
  const operationsOf = (id: VmId, pending: readonly Operation[]): Operation[] =>
    pending.filter((operation) => operation.vm_id === id);

  /** All records; one that cannot be read counts as lost where its manifest brings it back, otherwise nothing is known. */
  const listVms = async (findings: ReadonlyMap<VmId, ManifestFinding>): Promise<VmRecord[]> => {
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
      const findings = await manifests.readAll();
      const vms = new Map((await listVms(findings)).map((vm) => [vm.id, vm]));
      keeper.compared(new Set(vms.keys()));
      const pending = await records.listPendingOperations();
      const restored: VmId[] = [];
      const untrusted = new Set<VmId>();
      const handle = async (id: VmId, finding: ManifestFinding): Promise<void> => {
        switch (finding.kind) {
          case 'good':
            if (isNewer(finding.manifest, vms.get(id))) {
              const outcome = await restore(finding.manifest);
              if (outcome === 'restored') restored.push(id);
              if (outcome === 'no_port') untrusted.add(id);
            } else keeper.adopt(finding.manifest, operationsOf(id, pending));
            return;
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
      for (const [id, finding] of findings) await handle(id, finding);
      for (const [id, vm] of vms) {
        const found = findings.get(id);
        if (found?.kind === 'foreign' || restored.includes(id)) continue;
        const isStale = found?.kind !== 'good' || found.manifest.vm.revision < vm.revision;
        await keeper.ensure(vm, operationsOf(id, pending), isStale);
      }
      return { restored, directories: [...findings.keys()], untrusted };
    },
  };
}

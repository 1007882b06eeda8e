import { setTimeout as delay } from 'node:timers/promises';
import type { Operation, OperationId } from '@golem-provider/contracts';
import { systemClock } from '@golem-provider/service-kit';
import { createResizing } from '@golem-provider/store';
import type { GatewayHarness } from './gateway-harness.ts';

const LOOK_MS = 20;

/** Plays the worker: ends each operation as it would end where everything succeeds. */
export function playWorker(gateway: GatewayHarness): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const complete = async (id: OperationId): Promise<void> => {
    await gateway.records.update({
      operation: { id, change: (operation) => ({ ...operation, status: 'completed', phase: 'done' }) },
    });
  };
  const end = async ({ id, kind, vm_id }: Operation): Promise<void> => {
    switch (kind) {
      case 'create':
        return gateway.finishCreation({ job_id: id, vm_id, status: 'queued' });
      case 'delete':
        return gateway.finishDeletion(id, vm_id);
      case 'resize': {
        const target = (await gateway.records.getVm(vm_id))?.resize?.target;
        if (target !== undefined) await createResizing(gateway.records, systemClock).settle(vm_id, target);
        return complete(id);
      }
      case 'update_keys':
        await gateway.records.update({
          vm: {
            id: vm_id,
            change: (vm) => ({
              ...vm,
              ssh_keys: vm.ssh_keys
                .filter(({ state }) => state !== 'removing')
                .map((key) => ({ ...key, state: 'active' })),
            }),
          },
        });
        return complete(id);
      case 'start':
      case 'stop':
      case 'restart':
      case 'retry':
      case 'adopt':
      case 'recreate':
        await gateway.records.update({
          vm: {
            id: vm_id,
            change: (vm) => ({ ...vm, status: vm.desired === 'stopped' ? 'stopped' : 'running', error: null }),
          },
        });
        return complete(id);
    }
  };
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      for (const operation of await gateway.records.listPendingOperations()) await end(operation);
      await delay(LOOK_MS);
    }
  };
  const working = work();
  return {
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

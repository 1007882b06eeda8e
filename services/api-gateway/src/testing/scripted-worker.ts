import type { Operation } from '@golem-provider/contracts';
import type { GatewayHarness } from './gateway-harness.ts';

const LOOK_MS = 20;

/** Plays the worker: ends each operation as it would end where everything succeeds. */
export function playWorker(gateway: GatewayHarness): { stop(): void } {
  let isStopped = false;
  const end = async ({ id, kind, vm_id }: Operation): Promise<void> => {
    switch (kind) {
      case 'create':
        return gateway.finishCreation({ job_id: id, vm_id, status: 'queued' });
      case 'delete':
        return gateway.finishDeletion(id, vm_id);
      case 'start':
      case 'stop':
      case 'restart':
        await gateway.records.update({
          vm: { id: vm_id, change: (vm) => ({ ...vm, status: kind === 'stop' ? 'stopped' : 'running' }) },
          operation: { id, change: (operation) => ({ ...operation, status: 'completed', phase: 'done' }) },
        });
    }
  };
  const look = async (): Promise<void> => {
    for (const operation of await gateway.records.listPendingOperations()) await end(operation);
    if (!isStopped) timer = setTimeout(() => void look(), LOOK_MS);
  };
  let timer = setTimeout(() => void look(), LOOK_MS);
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

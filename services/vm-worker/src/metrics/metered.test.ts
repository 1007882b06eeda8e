import { newOperation, type Operation, OperationId } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { vmRecord } from '@golem-provider/testing';
import { describe, expect, it } from '@jest/globals';
import type { NginxControl } from '../forwarding/nginx-control.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { meteredHypervisor } from './metered-hypervisor.ts';
import { meteredNginx } from './metered-nginx.ts';
import { meteredExecutor, meteredReconciler } from './metered-operations.ts';

/** Writes down what is counted; its clock goes on by a second each time that it is read. */
function notebook() {
  const notes: string[] = [];
  let seconds = 0;
  const write = (name: string, labels: Readonly<Record<string, string>>, value: string): void =>
    void notes.push(`${name} ${Object.values(labels).join(' ')}${value}`);
  return {
    notes,
    clock: { elapsed: () => (seconds += 1) * 1000 },
    metrics: {
      count: (name: string, labels: Readonly<Record<string, string>>) => write(name, labels, ''),
      observe: (name: string, labels: Readonly<Record<string, string>>, value: number) =>
        write(name, labels, ` ${value}`),
    },
  };
}

const never = (): Promise<never> => Promise.reject(new Error('not to be called'));
const signal = new AbortController().signal;
const id = vmRecord().id;

describe('meteredHypervisor', () => {
  const driver: Hypervisor = {
    name: 'test',
    capabilities: { separateStart: true, maxParallelStarts: 1, managementKey: false, movesTargets: true },
    probe: () => Promise.resolve({ version: '1', acceleration: null, guestNetwork: 'isolated' }),
    catalogue: () => Promise.resolve({ images: [], default_image: 'x' }),
    create: never,
    start: () => Promise.reject(new AppError('HYPERVISOR_TIMEOUT', 'starting')),
    stop: never,
    delete: never,
    readSpec: never,
    resize: never,
    runInGuest: never,
    observe: (_, context) => {
      context.signal.throwIfAborted();
      return never();
    },
    list: () => Promise.resolve(new Map()),
  };

  it('measures calls by how they ended, and passes on what they gave', async () => {
    const { notes, metrics, clock } = notebook();
    const metered = meteredHypervisor(driver, metrics, clock);

    expect(await metered.probe({ signal })).toMatchObject({ version: '1' });
    await expect(metered.start(id, { signal })).rejects.toMatchObject({ code: 'HYPERVISOR_TIMEOUT' });
    await expect(metered.delete(id, { signal })).rejects.toThrow('not to be called');
    await expect(metered.observe(id, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
    await metered.catalogue();

    expect(notes).toEqual([
      'hypervisor_call_duration_seconds probe ok 1',
      'hypervisor_call_duration_seconds start HYPERVISOR_TIMEOUT 1',
      'hypervisor_call_duration_seconds delete INTERNAL 1',
      'hypervisor_call_duration_seconds observe aborted 1',
    ]);
  });
});

describe('meteredNginx', () => {
  it('tells a refusal from a failure', async () => {
    const { notes, metrics, clock } = notebook();
    const control: NginxControl = {
      master: () => Promise.resolve(1),
      ports: () => Promise.resolve(new Set()),
      test: never,
      start: () => Promise.resolve(undefined),
      reload: () => Promise.resolve({ words: 'no', files: [] }),
      upgrade: never,
    };
    const metered = meteredNginx(control, metrics, clock);
    const expected = { open: [], closed: [] };

    await metered.start(signal);
    expect(await metered.reload(expected, signal)).toEqual({ words: 'no', files: [] });
    await expect(metered.upgrade(expected, signal)).rejects.toThrow('not to be called');
    expect(await metered.master()).toBe(1);

    expect(notes).toEqual([
      'nginx_reload_duration_seconds start ok 1',
      'nginx_reload_duration_seconds reload refused 1',
      'nginx_reload_duration_seconds upgrade failed 1',
    ]);
  });
});

describe('meteredExecutor', () => {
  const operation: Operation = newOperation(
    {
      id: OperationId.parse('op-4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10'),
      host_id: vmRecord().host_id,
      vm_id: id,
      kind: 'create',
      generation: 1,
      request_id: null,
    },
    '2026-01-01T00:00:00.000Z',
  );
  const times = { started_at: '2026-01-01T00:00:02.000Z', finished_at: '2026-01-01T00:00:30.000Z' };
  const completed: Operation = { ...operation, ...times, status: 'completed' };
  const failed: Operation = { ...completed, status: 'failed', error: { code: 'GUEST_UNREACHABLE', message: '' } };

  it.each<[string, (Operation | undefined)[], 'finished' | 'retry', string[]]>([
    [
      'a completed one',
      [operation, completed],
      'finished',
      [
        'operations_total create completed',
        'operation_duration_seconds create completed 30',
        'operation_phase_duration_seconds queued 2',
      ],
    ],
    [
      'a failed one with its code',
      [operation, failed],
      'finished',
      [
        'operations_total create failed',
        'operation_failures_total create GUEST_UNREACHABLE',
        'operation_duration_seconds create failed 30',
        'operation_phase_duration_seconds queued 2',
      ],
    ],
    [
      'one that was cancelled before it began',
      [operation, { ...completed, status: 'cancelled', started_at: null }],
      'finished',
      ['operations_total create cancelled', 'operation_duration_seconds create cancelled 30'],
    ],
    ['one that is tried again', [operation], 'retry', ['operations_total create retried']],
    ['nothing of one that had ended before', [completed, completed], 'finished', []],
    ['nothing of one that is gone', [undefined], 'finished', []],
  ])('counts %s', async (_, records, outcome, expected) => {
    const { notes, metrics } = notebook();
    const getOperation = (): Promise<Operation | undefined> => Promise.resolve(records.shift());
    const metered = meteredExecutor({ execute: () => Promise.resolve(outcome) }, { getOperation }, metrics);

    expect(await metered.execute(operation.id, signal)).toBe(outcome);
    expect(notes).toEqual(expected);
  });

  it('counts once what runs for two who ask for it', async () => {
    const { notes, metrics } = notebook();
    const reads = [operation, completed];
    const getOperation = (): Promise<Operation | undefined> => Promise.resolve(reads.shift());
    const run = Promise.resolve('finished' as const);
    const metered = meteredExecutor({ execute: () => run }, { getOperation }, metrics);

    await Promise.all([metered.execute(operation.id, signal), metered.execute(operation.id, signal)]);

    expect(notes.filter((note) => note.startsWith('operations_total'))).toHaveLength(1);
  });
});

describe('meteredReconciler', () => {
  const reports =
    (phases: readonly ('creating' | 'booting')[], end: Promise<never> | undefined): Reconciler['reconcile'] =>
    async (_, { onProgress }) => {
      for (const phase of phases) onProgress(phase, null);
      return end ?? [];
    };

  it('measures each phase once, and passes on all progress', async () => {
    const { notes, metrics, clock } = notebook();
    const seen: string[] = [];
    const reconcile = reports(['creating', 'creating', 'booting'], undefined);
    const metered = meteredReconciler({ reconcile, adopt: never }, metrics, clock);

    await metered.reconcile(vmRecord(), { signal, onProgress: (phase) => void seen.push(phase) });

    expect(seen).toEqual(['creating', 'creating', 'booting']);
    expect(notes).toEqual([
      'operation_phase_duration_seconds creating 1',
      'operation_phase_duration_seconds booting 1',
    ]);
  });

  it('measures an adoption in the same way', async () => {
    const { notes, metrics, clock } = notebook();
    const adopt: Reconciler['adopt'] = (_, { onProgress }) => {
      onProgress('forwarding', null);
      return Promise.resolve('running');
    };
    const metered = meteredReconciler({ reconcile: never, adopt }, metrics, clock);

    expect(await metered.adopt(id, { signal, onProgress: () => undefined })).toBe('running');
    expect(notes).toEqual(['operation_phase_duration_seconds forwarding 1']);
  });

  it('leaves out a phase that came to no end', async () => {
    const { notes, metrics, clock } = notebook();
    const reconcile = reports(['creating', 'booting'], never());
    const failing = meteredReconciler({ reconcile, adopt: never }, metrics, clock);

    await expect(failing.reconcile(vmRecord(), { signal, onProgress: () => undefined })).rejects.toThrow();
    expect(notes).toEqual(['operation_phase_duration_seconds creating 1']);
  });
});

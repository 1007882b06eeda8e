import { METRICS, METRICS_PREFIX, PROCESS_METRICS } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import { createMetrics, renderMetrics } from './metrics.ts';

const lines = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(METRICS_PREFIX + name));

describe('createMetrics', () => {
  it('counts with the labels of the table and the service', async () => {
    const metrics = createMetrics('vm-worker');
    metrics.count('operations_total', { kind: 'create', result: 'completed' });
    metrics.count('operations_total', { kind: 'create', result: 'completed' });

    expect(lines(await renderMetrics([await metrics.snapshot()]), 'operations_total')).toEqual([
      'golem_provider_operations_total{kind="create",result="completed",service="vm-worker"} 2',
    ]);
  });

  it('has all metrics of its service, those of the process, and no others', async () => {
    const names = (await createMetrics('vm-worker').snapshot()).map(({ name }) => name);
    const own = Object.entries(METRICS).flatMap(([name, { from }]) => (from === 'vm-worker' ? [name] : []));

    expect(names.toSorted()).toEqual([...own, ...PROCESS_METRICS].map((name) => METRICS_PREFIX + name).toSorted());
  });

  it('asks for levels at each snapshot, and leaves out one that cannot be had', async () => {
    const metrics = createMetrics('vm-worker');
    let sessions = 0;
    metrics.onSnapshot(() => Promise.resolve([{ name: 'ssh_sessions', labels: {}, value: (sessions += 1) }]));
    metrics.onSnapshot(() => Promise.reject(new Error('not to be had')));

    await metrics.snapshot();
    expect(lines(await renderMetrics([await metrics.snapshot()]), 'ssh_sessions')).toEqual([
      'golem_provider_ssh_sessions{service="vm-worker"} 2',
    ]);
  });

  it('survives the way through JSON, also where a value is not known', async () => {
    const levels = createMetrics();
    levels.set({ name: 'vms', labels: { status: 'running' }, value: Number.NaN });
    levels.set({ name: 'vms', labels: { status: 'error' }, value: 3 });
    const snapshot = await levels.snapshot();

    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(lines(await renderMetrics([snapshot]), 'vms{')).toEqual(['golem_provider_vms{status="error"} 3']);
  });
});

describe('renderMetrics', () => {
  it('adds up what several processes of a service counted, but no levels, and keeps services apart', async () => {
    const workers = [createMetrics('vm-worker'), createMetrics('vm-worker')];
    for (const worker of workers) {
      worker.observe('operation_phase_duration_seconds', { phase: 'booting' }, 3);
      worker.count('operations_total', { kind: 'stop', result: 'failed' });
      worker.set({ name: 'ssh_sessions', labels: {}, value: 4 });
    }
    const snapshots = await Promise.all([...workers, createMetrics('monitor')].map((metrics) => metrics.snapshot()));

    const text = await renderMetrics(snapshots);

    expect(lines(text, 'operations_total')).toEqual([
      'golem_provider_operations_total{kind="stop",result="failed",service="vm-worker"} 2',
    ]);
    expect(lines(text, 'operation_phase_duration_seconds_count')).toEqual([
      'golem_provider_operation_phase_duration_seconds_count{phase="booting",service="vm-worker"} 2',
    ]);
    expect(lines(text, 'operation_phase_duration_seconds_bucket{le="5"')).toEqual([expect.stringMatching(/ 2$/)]);
    expect(lines(text, 'ssh_sessions')).toEqual(['golem_provider_ssh_sessions{service="vm-worker"} 4']);
    expect(lines(text, 'process_start_time_seconds')).toHaveLength(2);
  });
});

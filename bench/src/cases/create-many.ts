import { setTimeout as delay } from 'node:timers/promises';
import type { Vm } from '@golem-provider/contracts';
import { againstFloor, type BenchCase, type BenchContext, type Figure, under } from '../bench-case.ts';
import { runProgram } from '../beds/child.ts';
import { INSTANT, startEmulator } from '../beds/emulator.ts';
import { metricSum, readMetrics } from '../beds/exposition.ts';
import { type ProviderBed, withProvider } from '../beds/provider.ts';
import { createVm, deleteVm } from '../beds/vm-requests.ts';
import { summarise } from '../statistics.ts';

const COUNT = 100;
/** The limit of the settings' defaults. */
const AT_ONCE = 2;
/** Of the floor, where each takes seconds: as many in a row say what a hundred take. */
const FEW = 20;
/** Within which what a worker has counted is published. */
const PUBLISHED_MS = 6000;
const RELOADS = 'nginx_reload_duration_seconds_count';

/** Runs so many, never more than the limit at once; seconds for all of them. */
async function limited(count: number, run: (index: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await run(next - 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return (performance.now() - began) / 1000;
}

async function timed<Result>(run: () => Promise<Result>): Promise<{ seconds: number; result: Result }> {
  const began = performance.now();
  const result = await run();
  return { seconds: (performance.now() - began) / 1000, result };
}

/** So many changes at once, and how often nginx was reloaded and Multipass called for them. */
async function measured<Result>(
  { gateway }: ProviderBed,
  calls: () => string[][],
  run: () => Promise<Result>,
): Promise<{ seconds: number; result: Result; reloads: number; calls: readonly string[] }> {
  const count = async (): Promise<number> => metricSum(await readMetrics(gateway.baseUrl), RELOADS, 'action="reload"');
  await delay(PUBLISHED_MS);
  const before = await count();
  const callsBefore = calls().length;
  const outcome = await timed(run);
  const made = calls().slice(callsBefore);
  await delay(PUBLISHED_MS);
  return { ...outcome, reloads: (await count()) - before, calls: made.map(([command = '']) => command) };
}

function reloadFigure(what: string, reloads: number, note?: string): Figure {
  const figure = under(`${what}, reloads of nginx`, 'reloads', summarise([reloads]), 9);
  return note === undefined ? figure : { ...figure, note };
}

/** How many calls of Multipass there were, in all and of each command. */
function callFigure(what: string, commands: readonly string[], limit: number): Figure {
  const counts = new Map<string, number>();
  for (const command of commands) counts.set(command, (counts.get(command) ?? 0) + 1);
  const note = [...counts].map(([command, count]) => `${command} ${count}`).join(', ');
  return { ...under(`${what}, calls of Multipass`, 'calls', summarise([commands.length]), limit), note };
}

async function measure(context: BenchContext, launchMs: number): Promise<Figure[]> {
  const { environment, signal, tell } = context;
  const emulator = await startEmulator(context, { ...INSTANT, bootMs: launchMs });
  const call = (...argv: string[]): Promise<unknown> =>
    runProgram(emulator.program, argv, { env: environment, input: '#cloud-config\n', signal });
  const launches = launchMs === 0 ? 'instant' : `${launchMs / 1000} s`;
  const creations = `${COUNT} creations at once, launches ${launches}`;
  const deletions = `${COUNT} deletions at once, launches ${launches}`;
  try {
    const hypervisor = {
      GOLEM_PROVIDER_HYPERVISOR: 'multipass',
      GOLEM_PROVIDER_MULTIPASS_BINARY_PATH: emulator.program,
    };
    return await withProvider(context, hypervisor, 2 * COUNT, async (bed) => {
      const { baseUrl } = bed.gateway;
      tell(`the floor, launches ${launches}`);
      const few = launchMs === 0 ? COUNT : FEW;
      const name = (index: number): string => `floor-${index}`;
      const size = ['--cpus', '1', '--memory', '1G', '--disk', '10G', '--cloud-init', '-'];
      const launched = await limited(few, (index) => call('launch', '24.04', '--name', name(index), ...size));
      const deleted = await limited(few, (index) => call('delete', '--purge', name(index)));
      tell(creations);
      const created = await measured(
        bed,
        () => emulator.calls(),
        () => Promise.all(Array.from({ length: COUNT }, (_, index) => createVm(baseUrl, `many-${index}`))),
      );
      tell(deletions);
      const removed = await measured(
        bed,
        () => emulator.calls(),
        () => Promise.all(created.result.map(({ id }: Vm) => deleteVm(baseUrl, id))),
      );
      const ports = new Set(created.result.map(({ proxy_port }) => proxy_port));
      const scale = COUNT / few;
      const pair = (ours: number, floor: number): Parameters<typeof againstFloor>[2] => ({
        ours: summarise([ours]),
        floor: summarise([floor * scale]),
      });
      const arrivals = `guests come up ${AT_ONCE} at a time, and each is reachable only after a reload`;
      return [
        againstFloor(creations, 's', pair(created.seconds, launched), { atMost: 1.1 }),
        reloadFigure(creations, created.reloads, arrivals),
        // Two for each, and the looks of each minute.
        callFigure(creations, created.calls, 2 * COUNT + 20),
        {
          what: `${creations}, different ports`,
          unit: 'ports',
          ours: summarise([ports.size]),
          goal: 'each its own',
          isMet: ports.size === COUNT,
        },
        againstFloor(deletions, 's', pair(removed.seconds, deleted), { atMost: 1.1 }),
        reloadFigure(deletions, removed.reloads),
        callFigure(deletions, removed.calls, COUNT),
      ];
    });
  } finally {
    await emulator.stop();
  }
}

/** A hundred creations, and their deletions, at once. */
export const createMany: BenchCase = {
  name: 'create-many',
  title: `${COUNT} creations and deletions at once, launches instant and 2 s`,
  run: async (context) => [...(await measure(context, 0)), ...(await measure(context, 2000))],
};

import { setTimeout as delay } from 'node:timers/promises';
import { type BenchCase, type BenchContext, type Figure, under } from '../bench-case.ts';
import { type EmulatorBed, INSTANT, startEmulator } from '../beds/emulator.ts';
import { type NodeBed, prepareNode } from '../beds/node.ts';
import { cpuSeconds, proportionalMib, residentMib } from '../beds/processes.ts';
import { summarise } from '../statistics.ts';

const STARTS = 5;
/** After a start, until nothing of it is under way. */
const SETTLE_MS = 10_000;
const REST_MS = 60_000;

async function withNode(
  context: BenchContext,
  run: (node: NodeBed, emulator: EmulatorBed) => Promise<Figure[]>,
): Promise<Figure[]> {
  const emulator = await startEmulator(context, INSTANT);
  const node = await prepareNode(context, {
    GOLEM_PROVIDER_HYPERVISOR: 'multipass',
    GOLEM_PROVIDER_MULTIPASS_BINARY_PATH: emulator.program,
  });
  try {
    return await run(node, emulator);
  } finally {
    await node.stop();
    await emulator.stop();
  }
}

/** Starting a node on which everything is prepared. */
export const start: BenchCase = {
  name: 'start',
  title: 'start of all services with everything prepared',
  run: (context) =>
    withNode(context, async (node) => {
      // Makes keys and directories.
      await node.start();
      const values: number[] = [];
      for (let count = 0; count < STARTS; count += 1) {
        await node.stopServices();
        context.tell(`start ${count + 1} of ${STARTS}`);
        values.push((await node.start()) / 1000);
      }
      return [under('from the command until /ready says so', 's', summarise(values), 5)];
    }),
};

/** What a node without work takes. */
export const rest: BenchCase = {
  name: 'rest',
  title: `all services at rest for ${REST_MS / 1000} s`,
  run: (context) =>
    withNode(context, async (node, emulator) => {
      await node.start();
      await delay(SETTLE_MS);
      const processes = node.processes();
      const cpu = (): Map<string, number> =>
        new Map([...processes].map(([role, pids]) => [role, pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)]));
      context.tell('resting');
      const before = cpu();
      const callsBefore = emulator.calls().length;
      await delay(REST_MS);
      const after = cpu();
      const calls = emulator.calls().slice(callsBefore);
      const shares = [...processes.keys()].map((role): [string, number] => [
        role,
        (((after.get(role) ?? 0) - (before.get(role) ?? 0)) / REST_MS) * 100_000,
      ]);
      const sizes = [...processes].map(([role, pids]): [string, number] => [
        role,
        pids.reduce((sum, pid) => sum + residentMib(pid), 0),
      ]);
      const shared = [...processes.values()].flat().reduce((sum, pid) => sum + proportionalMib(pid), 0);
      const sum = (values: readonly [string, number][]): number => values.reduce((all, [, value]) => all + value, 0);
      const list = (values: readonly [string, number][], digits: number): string =>
        values.map(([role, value]) => `${role} ${value.toFixed(digits)}`).join(', ');
      return [
        { ...under('CPU of all, of one core', '%', summarise([sum(shares)]), 2), note: list(shares, 2) },
        {
          ...under('memory of all (RSS)', 'MiB', summarise([sum(sizes)]), 350),
          note: `${list(sizes, 0)}; ${shared.toFixed(0)} MiB with shared pages counted once`,
        },
        {
          ...under('commands run', 'commands', summarise([calls.length]), 2),
          note: `each look of a minute asks ${[...new Set(calls.map((argv) => argv.join(' ')))].join('; ')}`,
        },
      ];
    }),
};

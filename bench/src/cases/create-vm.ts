import { type BenchCase, type Figure, under } from '../bench-case.ts';
import { runProgram } from '../beds/child.ts';
import { INSTANT, startEmulator } from '../beds/emulator.ts';
import { withProvider } from '../beds/provider.ts';
import { createVm, deleteVm } from '../beds/vm-requests.ts';
import { summarise } from '../statistics.ts';

const LAUNCH_MS = 500;
const ROUNDS = 20;
const WARM_UP = 2;
/** The launch, and what tells the address. */
const CALLS_NEEDED = 2;

/** A creation cannot be faster than its launch: where it seems so, the machine was too busy to tell anything. */
function told(figure: Figure): Figure {
  return { ...figure, isMet: figure.isMet && figure.ours.median >= 0 };
}

/** A creation that is waited for, against the same launch by hand. */
export const createOne: BenchCase = {
  name: 'create-vm',
  title: `creation, waiting, on the emulator with launches of ${LAUNCH_MS} ms`,
  async run(context) {
    const { environment, signal, tell } = context;
    const emulator = await startEmulator(context, { ...INSTANT, bootMs: LAUNCH_MS });
    const call = async (argv: readonly string[]): Promise<number> => {
      const input = argv[0] === 'launch' ? '#cloud-config\n' : '';
      return (await runProgram(emulator.program, argv, { env: environment, input, signal })).ms;
    };
    try {
      const hypervisor = {
        GOLEM_PROVIDER_HYPERVISOR: 'multipass',
        GOLEM_PROVIDER_MULTIPASS_BINARY_PATH: emulator.program,
      };
      return await withProvider(context, hypervisor, 100, async ({ gateway }) => {
        const creations: number[] = [];
        const launches: number[] = [];
        const others: number[] = [];
        const counts: number[] = [];
        let commands: string[] = [];
        for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
          tell(`creation ${round + 1} of ${WARM_UP + ROUNDS}`);
          const before = emulator.calls().length;
          const began = performance.now();
          const vm = await createVm(gateway.baseUrl, `one-${round}`);
          const creation = performance.now() - began;
          const all = emulator.calls().slice(before);
          await deleteVm(gateway.baseUrl, vm.id);
          let launch = 0;
          let more = 0;
          // The look of each minute asks for the version first; a creation never does.
          const calls = all.filter(([command]) => command !== 'version');
          for (const argv of calls) {
            const ms = await call(argv.map((word) => (word === vm.id ? `floor-${round}` : word)));
            if (argv[0] === 'launch') launch += ms;
            else more += ms;
          }
          await call(['delete', '--purge', `floor-${round}`]);
          commands = calls.map(([command = '']) => command);
          if (round < WARM_UP || calls.length < all.length) continue;
          creations.push(creation);
          launches.push(launch);
          others.push(more);
          counts.push(calls.length);
        }
        const ours = summarise(creations);
        const floor = summarise(launches);
        const overhead = summarise(creations.map((ms, round) => ms - (launches[round] ?? 0)));
        const rest = summarise(creations.map((ms, round) => ms - (launches[round] ?? 0) - (others[round] ?? 0)));
        const note =
          `a creation calls ${commands.join(', ')}; by hand the launch takes ${floor.median.toFixed(0)} ms, all else ` +
          `${summarise(others).median.toFixed(0)} ms, as each client of the emulator starts a Node.js`;
        const beyond = 'creation, time beyond the launch by hand';
        return [
          { ...told(under(beyond, 'ms', overhead, 50)), note },
          told(under(beyond, 'ms', overhead, 100, 'p95')),
          told(under('creation, time beyond all its calls by hand', 'ms', rest, 50)),
          under('creation, calls of Multipass', 'calls', summarise(counts), CALLS_NEEDED),
          {
            what: 'creation, from request to answer',
            unit: 'ms',
            ours,
            floor,
            ratio: ours.median / floor.median,
            goal: 'see above',
            isMet: true,
          },
        ];
      });
    } finally {
      await emulator.stop();
    }
  },
};

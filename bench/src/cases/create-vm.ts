import { type BenchCase, type Figure, under } from '../bench-case.ts';
import { runProgram } from '../beds/child.ts';
import { INSTANT, startEmulator } from '../beds/emulator.ts';
import { withProvider } from '../beds/provider.ts';
import { createVm, deleteVm } from '../beds/vm-requests.ts';
import { summarise } from '../statistics.ts';

const LAUNCH_MS = 500;
const ROUNDS = 20;
const WARM_UP = 2;

/** A creation cannot be faster than the calls that it makes: where it seems so, the machine was too busy to tell anything. */
function told(figure: Figure): Figure {
  return { ...figure, isMet: figure.isMet && figure.ours.median >= 0 };
}

/** A creation that is waited for, against the same calls of Multipass by hand. */
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
        const ours: number[] = [];
        const floors: number[] = [];
        const launches: number[] = [];
        let commands: string[] = [];
        for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
          tell(`creation ${round + 1} of ${WARM_UP + ROUNDS}`);
          const before = emulator.calls().length;
          const began = performance.now();
          const vm = await createVm(gateway.baseUrl, `one-${round}`);
          const creation = performance.now() - began;
          // The look of each minute asks for the version first; a creation never does.
          const calls = emulator
            .calls()
            .slice(before)
            .filter(([command]) => command !== 'version');
          await deleteVm(gateway.baseUrl, vm.id);
          let floor = 0;
          for (const argv of calls) {
            const ms = await call(argv.map((word) => (word === vm.id ? `floor-${round}` : word)));
            floor += ms;
            if (argv[0] === 'launch' && round >= WARM_UP) launches.push(ms);
          }
          await call(['delete', '--purge', `floor-${round}`]);
          commands = calls.map(([command = '']) => command);
          if (round < WARM_UP) continue;
          ours.push(creation);
          floors.push(floor);
        }
        const overhead = summarise(ours.map((ms, round) => ms - (floors[round] ?? 0)));
        const floor = summarise(floors);
        const note =
          `the floor is ${commands.join(', ')} by hand, the launch alone ${summarise(launches).median.toFixed(0)} ms; ` +
          'each client of the emulator starts a Node.js';
        const what = 'creation, from request to answer';
        const beyond = 'creation, time beyond the floor';
        return [
          { ...told(under(beyond, 'ms', overhead, 50)), note },
          told(under(beyond, 'ms', overhead, 100, 'p95')),
          {
            what,
            unit: 'ms',
            ours: summarise(ours),
            floor,
            ratio: summarise(ours).median / floor.median,
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

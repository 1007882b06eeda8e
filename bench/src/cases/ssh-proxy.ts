import { againstFloor, alternate, type BenchCase, under } from '../bench-case.ts';
import { createProxy } from '../beds/proxy.ts';
import { greetingMs, startSshd } from '../beds/sshd.ts';
import { summarise } from '../statistics.ts';

const MIB = 512;
const ROUNDS = 5;
const CONNECTIONS = 200;

/** What the proxy costs an ssh session. */
export const sshProxy: BenchCase = {
  name: 'ssh-proxy',
  title: 'ssh through nginx against ssh to the same sshd directly',
  async run(context) {
    const sshd = await startSshd(context);
    const proxy = await createProxy(context);
    try {
      const [through = 0] = await proxy.forward(1, sshd.port);
      const transfer = async (port: number): Promise<number> =>
        MIB / (await sshd.run(port, `head -c ${MIB}M /dev/zero`));
      context.tell(`${ROUNDS} transfers of ${MIB} MiB each way`);
      const bulk = await alternate(
        ROUNDS,
        () => transfer(sshd.port),
        () => transfer(through),
      );
      context.tell(`${CONNECTIONS} connections each way`);
      const connections = await alternate(
        CONNECTIONS,
        () => greetingMs(sshd.port),
        () => greetingMs(through),
      );
      const more = connections.ours.map((ms, round) => ms - (connections.floor[round] ?? 0));
      const floor = summarise(connections.floor);
      return [
        againstFloor(
          'ssh bulk',
          'MiB/s',
          { ours: summarise(bulk.ours), floor: summarise(bulk.floor) },
          { atLeast: 0.9 },
        ),
        {
          ...under('ssh, what the proxy adds until the greeting', 'ms', summarise(more), 1),
          note: `directly it takes ${floor.median.toFixed(1)} ms, as sshd starts a process for each connection`,
        },
      ];
    } finally {
      await proxy.stop();
      await sshd.stop();
    }
  },
};

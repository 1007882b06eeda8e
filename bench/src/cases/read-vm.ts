import { join } from 'node:path';
import { eventually, startRedisServer } from '@golem-provider/testing';
import { againstFloor, type BenchCase, type Figure } from '../bench-case.ts';
import { startNode } from '../beds/child.ts';
import { startGateway } from '../beds/gateway.ts';
import { load, type LoadResult } from '../beds/load.ts';
import { acceptVms, reportAllIsWell } from '../beds/many-vms.ts';
import { summarise } from '../statistics.ts';

const ROUNDS = 3;
const SECONDS = 4;

/** Reading one VM, against express with one read of Redis and the same JSON. */
export const readVm: BenchCase = {
  name: 'read-vm',
  title: 'GET /vms/{id} against bare express with one Redis read',
  async run(context) {
    const server = await startRedisServer();
    const gateway = await startGateway(context, server);
    try {
      await reportAllIsWell(server);
      const [id = ''] = await acceptVms(server, 1);
      const url = `${gateway.baseUrl}/api/v1/vms/${id}`;
      await server.client().set('floor:vm', await (await fetch(url)).text());
      const socket = server.url.slice('unix://'.length);
      const floorEntry = join(context.root, 'bench/dist/floors/bare-express.js');
      const floor = startNode(floorEntry, [socket, 'floor:vm'], context.environment, context.root);
      try {
        const port = await eventually(() => {
          const text = floor.output().trim();
          if (text === '') throw new Error('the floor does not listen yet');
          return text;
        });
        const floorUrl = `http://127.0.0.1:${port}/item`;
        const figures: Figure[] = [];
        for (const connections of [8, 64]) {
          await load(url, connections, 1);
          await load(floorUrl, connections, 1);
          const ours: LoadResult[] = [];
          const floors: LoadResult[] = [];
          for (let round = 0; round < ROUNDS; round += 1) {
            context.tell(`${connections} connections, round ${round + 1} of ${ROUNDS}`);
            floors.push(await load(floorUrl, connections, SECONDS));
            ours.push(await load(url, connections, SECONDS));
          }
          const both = (value: (result: LoadResult) => number): Parameters<typeof againstFloor>[2] => ({
            ours: summarise(ours.map(value)),
            floor: summarise(floors.map(value)),
          });
          const what = `GET /vms/{id}, ${connections} connections`;
          figures.push(
            againstFloor(
              what,
              'req/s',
              both((result) => result.requestsPerSecond),
              { atLeast: 0.5 },
            ),
            againstFloor(
              `${what}, p99`,
              'ms',
              both((result) => result.p99Ms),
              { atMost: 3 },
            ),
          );
        }
        return figures;
      } finally {
        await floor.stop();
      }
    } finally {
      await gateway.stop();
      await server.stop();
    }
  },
};

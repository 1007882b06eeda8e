import { startRedisServer } from '@golem-provider/testing';
import type { BenchCase, Figure } from '../bench-case.ts';
import { startGateway } from '../beds/gateway.ts';
import { acceptVms, reportAllIsWell } from '../beds/many-vms.ts';
import { summarise, type Summary } from '../statistics.ts';

const REPETITIONS = 30;
const WARM_UP = 5;

async function times(url: string): Promise<{ ms: Summary; bytes: number }> {
  const values: number[] = [];
  let bytes = 0;
  for (let repetition = 0; repetition < WARM_UP + REPETITIONS; repetition += 1) {
    const began = performance.now();
    const response = await fetch(url);
    bytes = (await response.arrayBuffer()).byteLength;
    if (!response.ok) throw new Error(`${url} answered with ${response.status}`);
    if (repetition >= WARM_UP) values.push(performance.now() - began);
  }
  return { ms: summarise(values), bytes };
}

/** Lists of growing length: the time may grow with the size of the answer, and no faster. */
export const listVms: BenchCase = {
  name: 'list-vms',
  title: 'GET /vms with 10, 100, 1,000 VMs; GET /provider/resources',
  async run(context) {
    const server = await startRedisServer();
    const gateway = await startGateway(context, server);
    try {
      await reportAllIsWell(server);
      const figures: Figure[] = [];
      let smallest: { ms: Summary; bytes: number } | undefined;
      let count = 0;
      for (const wanted of [10, 100, 1000]) {
        context.tell(`${wanted} VMs`);
        await acceptVms(server, wanted - count, count);
        count = wanted;
        const list = await times(`${gateway.baseUrl}/api/v1/vms`);
        smallest ??= list;
        const growth = list.ms.median / smallest.ms.median;
        const size = list.bytes / smallest.bytes;
        figures.push({
          what: `GET /vms with ${wanted} VMs`,
          unit: 'ms',
          ours: list.ms,
          goal: `grows no faster than the answer (${size.toFixed(0)}x)`,
          isMet: growth <= Math.max(1, size),
        });
        const resources = await times(`${gateway.baseUrl}/api/v1/provider/resources`);
        figures.push({
          what: `GET /provider/resources with ${wanted} VMs`,
          unit: 'ms',
          ours: resources.ms,
          goal: 'at most the time of the list',
          isMet: resources.ms.median <= Math.max(list.ms.median, 5),
        });
      }
      return figures;
    } finally {
      await gateway.stop();
      await server.stop();
    }
  },
};

import { runService } from '@golem-provider/service-kit';
import { obeyChaosOrders } from '@golem-provider/testing';
import { z } from 'zod';
import { createWorkerService } from '../../service.ts';

// The worker as a process of its own for tests, told by its only argument where to die and how long to take for things.
const Times = z.record(z.string(), z.number());
const Orders = z.object({
  /** The point at which the process kills itself as `kill -9` would. */
  killAt: z.string().nullable(),
  queue: z.object({ lockMs: z.number(), stalledCheckMs: z.number() }),
  resync: Times.default({}),
  multipass: Times.default({}),
  /** Where a test leaves more of them while the process runs. */
  directory: z.string().optional(),
});

const { killAt, queue, resync, multipass, directory } = Orders.parse(JSON.parse(process.argv[2] ?? ''));
const orders = directory === undefined ? undefined : obeyChaosOrders(directory, 'vm-worker');

await runService(() =>
  createWorkerService(
    { environment: process.env, directory: process.cwd(), isTerminal: false, pid: process.pid },
    {
      queue,
      resync,
      multipass,
      faults: {
        reach(point) {
          if (point === killAt) process.kill(process.pid, 'SIGKILL');
          orders?.reach(point);
        },
      },
    },
  ),
);

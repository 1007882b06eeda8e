import { runService } from '@golem-provider/service-kit';
import { z } from 'zod';
import type { FaultPoint } from '../../reconcile/fault-points.ts';
import { createWorkerService } from '../../service.ts';

// The worker as a process of its own for tests, told by its only argument where to die and how long to take for things.
const Orders = z.object({
  /** The point at which the process kills itself as `kill -9` would. */
  killAt: z.string().nullable(),
  queue: z.object({ lockMs: z.number(), stalledCheckMs: z.number() }),
});

const { killAt, queue } = Orders.parse(JSON.parse(process.argv[2] ?? ''));

await runService(() =>
  createWorkerService(
    { environment: process.env, directory: process.cwd(), isTerminal: false, pid: process.pid },
    {
      queue,
      faults: {
        reach(point: FaultPoint) {
          if (point === killAt) process.kill(process.pid, 'SIGKILL');
        },
      },
    },
  ),
);

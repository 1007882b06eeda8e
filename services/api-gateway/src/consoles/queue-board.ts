import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import { type RequestHandler, Router } from 'express';
import { operatorOnly } from '../access/operator-only.ts';

/**
 * Bull Board at a path, for the operator alone. It only shows: the records decide what is done, so a job that was
 * retried or removed by hand would change nothing.
 */
export function queueBoard(queue: Queue, path: string): Router {
  const adapter = new ExpressAdapter().setBasePath(path);
  createBullBoard({ queues: [new BullMQAdapter(queue, { readOnlyMode: true })], serverAdapter: adapter });
  const board: RequestHandler = adapter.getRouter();
  const router = Router();
  router.use(path, operatorOnly, board);
  return router;
}

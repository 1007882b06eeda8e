import type { Queue } from 'bullmq';
import type { RequestHandler } from 'express';
import { operatorOnly } from '../access/operator-only.ts';

/** Loaded when it is first looked at: what Bull Board brings along takes several MiB, and most gateways are never asked. */
async function createBoard(queue: Queue, path: string): Promise<RequestHandler> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/express'),
  ]);
  const adapter = new ExpressAdapter().setBasePath(path);
  createBullBoard({ queues: [new BullMQAdapter(queue, { readOnlyMode: true })], serverAdapter: adapter });
  const board: RequestHandler = adapter.getRouter();
  return board;
}

/**
 * Bull Board for the path at which this is used, for the operator alone. It only shows: the records decide what is done, so a job that was
 * retried or removed by hand would change nothing.
 */
export function queueBoard(queue: Queue, path: string): RequestHandler[] {
  let loading: Promise<RequestHandler> | undefined;
  return [
    operatorOnly,
    async (request, response, next) => {
      loading ??= createBoard(queue, path);
      const board = await loading;
      await board(request, response, next);
    },
  ];
}

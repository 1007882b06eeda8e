import { API_ROUTES, OperationId, toJob } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { OperationPlace, RecentOperations, RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { formatCursor, pageHeaders, parseCursor } from '../http/page-cursor.ts';

type JobRouteName = 'listJobs' | 'getJob';

function placeOf(cursor: string): OperationPlace {
  const [createdAt, id] = parseCursor(cursor, OperationId);
  return { createdMs: Date.parse(createdAt), id };
}

/** The endpoints of jobs. */
export function jobEndpoints(
  records: Pick<RecordStore, 'getOperation'>,
  operations: RecentOperations,
): { readonly [Name in JobRouteName]: Endpoint<Name> } {
  return {
    listJobs: endpoint('listJobs', z.object({ query: API_ROUTES.listJobs.query }), async ({ query }, context) => {
      const { status, vm_id: vmId, limit, cursor } = query;
      // One more than is shown tells whether there is a page after this one.
      const found = await operations.list({
        limit: limit + 1,
        after: cursor === undefined ? undefined : placeOf(cursor),
        accepts: (operation) =>
          context.caller.sees(operation.owner) &&
          (vmId === undefined || operation.vm_id === vmId) &&
          (status === undefined || toJob(operation).status === status),
      });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const hasMore = last !== undefined && found.length > page.length;
      const next = hasMore ? formatCursor([last.created_at, last.id]) : undefined;
      return { status: 200, headers: pageHeaders(context.url, next), body: page.map(toJob) };
    }),
    getJob: endpoint('getJob', z.object({ params: API_ROUTES.getJob.params }), async ({ params }) => {
      const operation = await records.getOperation(params.job_id);
      if (operation === undefined) throw new AppError('JOB_NOT_FOUND', `reading ${params.job_id}`);
      return { status: 200, body: toJob(operation) };
    }),
  };
}

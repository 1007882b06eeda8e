import { API_ROUTES, toJob } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecentOperations, RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../http/endpoint.ts';

type JobRouteName = 'listJobs' | 'getJob';

/** The endpoints of jobs. */
export function jobEndpoints(
  records: Pick<RecordStore, 'getOperation'>,
  operations: RecentOperations,
): { readonly [Name in JobRouteName]: Endpoint<Name> } {
  return {
    listJobs: endpoint('listJobs', z.object({ query: API_ROUTES.listJobs.query }), async ({ query }, { caller }) => {
      const { status, vm_id: vmId, limit } = query;
      const found = await operations.list({
        limit,
        accepts: (operation) =>
          caller.sees(operation.owner) &&
          (vmId === undefined || operation.vm_id === vmId) &&
          (status === undefined || toJob(operation).status === status),
      });
      return { status: 200, body: found.map(toJob) };
    }),
    getJob: endpoint('getJob', z.object({ params: API_ROUTES.getJob.params }), async ({ params }) => {
      const operation = await records.getOperation(params.job_id);
      if (operation === undefined) throw new AppError('JOB_NOT_FOUND', `reading ${params.job_id}`);
      return { status: 200, body: toJob(operation) };
    }),
  };
}

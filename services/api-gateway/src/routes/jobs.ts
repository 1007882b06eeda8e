import { API_ROUTES, toJob } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { RecordStore } from '@golem-provider/store';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../http/endpoint.ts';

/** The endpoints of jobs. */
export function jobEndpoints(records: Pick<RecordStore, 'getOperation'>): { readonly getJob: Endpoint<'getJob'> } {
  return {
    getJob: endpoint('getJob', z.object({ params: API_ROUTES.getJob.params }), async ({ params }) => {
      const operation = await records.getOperation(params.job_id);
      if (operation === undefined) throw new AppError('JOB_NOT_FOUND', `reading ${params.job_id}`);
      return { status: 200, body: toJob(operation) };
    }),
  };
}

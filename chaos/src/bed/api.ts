import { setTimeout as delay } from 'node:timers/promises';
import { API_PREFIX, Job, JobAccepted, Vm } from '@golem-provider/contracts';
import { z } from 'zod';
import type { Ended } from '../judge.ts';

/** What is asked of the API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** `Idempotency-Key`. */
  readonly key?: string;
}

/** How an operation ended, as its requestor hears of it. */
export type OperationEnd = Pick<Ended, 'status' | 'detail'>;

/** A requestor that does not give up: what was not answered is sent again. */
export interface ApiClient {
  /** Sends an operation and follows it to its end. Resolves with `none` when the time has passed. */
  operate(request: ApiRequest, limitMs: number): Promise<OperationEnd>;
  /** The VMs; undefined while it does not answer. */
  vms(): Promise<Vm[] | undefined>;
  /** Undefined once it is ready; else what it says. */
  notReady(): Promise<string | undefined>;
}

const REQUEST_LIMIT_MS = 10_000;
const AGAIN_MS = 100;

/** Talks to the gateway at `baseUrl`. */
export function createApiClient(baseUrl: string): ApiClient {
  const once = async ({ method, path, body, key }: ApiRequest): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${baseUrl}${API_PREFIX}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
        Connection: 'close',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    return { status: response.status, text: await response.text() };
  };
  /** The first answer that is not a failure of the server; undefined when the time has passed. */
  const insist = async (request: ApiRequest, deadline: number): Promise<{ status: number; text: string }> => {
    let last = { status: 0, text: 'nobody answered' };
    while (performance.now() < deadline) {
      try {
        last = await once(request);
        if (last.status < 500) return last;
      } catch (error) {
        last = { status: 0, text: String(error) };
      }
      await delay(AGAIN_MS);
    }
    return last;
  };
  const follow = async (jobId: string, deadline: number): Promise<OperationEnd> => {
    let detail = 'nobody told of it';
    while (performance.now() < deadline) {
      const { status, text } = await insist({ method: 'GET', path: `/vms/jobs/${jobId}` }, deadline);
      if (status !== 200) return { status: 'none', detail: `the job: ${status} ${text}` };
      const job = Job.parse(JSON.parse(text));
      detail = `${job.operation} is ${job.status}, ${job.phase}, ${job.attempts} tries, ${job.error?.message ?? 'no error'}`;
      switch (job.status) {
        case 'completed':
        case 'ready':
          return { status: 'completed', detail };
        case 'failed':
        case 'cancelled':
          return { status: job.status, detail };
        case 'queued':
        case 'active':
        case 'creating':
          await delay(AGAIN_MS);
      }
    }
    return { status: 'none', detail };
  };
  return {
    async operate(request, limitMs) {
      const deadline = performance.now() + limitMs;
      const { status, text } = await insist({ ...request, path: `${request.path}?async=true` }, deadline);
      if (status === 202) return follow(JobAccepted.parse(JSON.parse(text)).job_id, deadline);
      // Sent again after its first answer was lost.
      const isDone = (status >= 200 && status < 300) || (request.method === 'DELETE' && status === 404);
      return isDone ? { status: 'done', detail: '' } : { status: 'none', detail: `${status} ${text}` };
    },
    async vms() {
      try {
        const { status, text } = await once({ method: 'GET', path: '/vms' });
        return status === 200 ? z.array(Vm).parse(JSON.parse(text)) : undefined;
      } catch {
        return undefined;
      }
    },
    async notReady() {
      try {
        const { status, text } = await once({ method: 'GET', path: '/ready' });
        return status === 200 ? undefined : text;
      } catch (error) {
        return String(error);
      }
    },
  };
}

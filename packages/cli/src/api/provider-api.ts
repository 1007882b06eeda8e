import {
  type AddSshKeyRequest,
  API_PREFIX,
  type CreateVmRequest,
  DrainState,
  errorCodeEntry,
  Job,
  JobAccepted,
  type JobStatus,
  type OperationId,
  Problem,
  ProviderInfo,
  ProviderResources,
  Readiness,
  type RecoverVmRequest,
  type ResizeVmRequest,
  SshKey,
  Vm,
  VmAccess,
  VmAccessPending,
  type VmId,
} from '@golem-provider/contracts';
import { errorChain, readText, withDeadline } from '@golem-provider/service-kit';
import { z } from 'zod';
import { CommandError } from '../commands/command-context.ts';
import { EXIT_CODES, exitCodeOfStatus } from '../exit-codes.ts';

/** No answer of the API takes longer: whatever does is asked for as a job. */
const CALL_TIMEOUT_MS = 15_000;
/** More the API shows on no page. */
const MAX_PAGE = 1000;

/** Where the API is, and as whom it is called. */
export interface ApiOptions {
  /** Without the API's prefix and without a slash at the end. */
  readonly baseUrl: string;
  /** Sent as a bearer token; undefined where the API knows us by where we are. */
  readonly token: string | undefined;
  /** Ends every call. */
  readonly signal: AbortSignal;
}

/** What changes the power of a VM. */
export type PowerVerb = 'start' | 'stop' | 'restart';

/** Which jobs are listed. */
export interface JobFilter {
  readonly status?: JobStatus | undefined;
  readonly vm_id?: VmId | undefined;
  /** At most so many, over as many pages as it takes; at least 1. */
  readonly limit: number;
}

/** Jobs, newest first; `hasMore` where there are older ones. */
export interface JobList {
  readonly jobs: Job[];
  readonly hasMore: boolean;
}

/**
 * The HTTP API of a provider, for commands. What it answers is parsed by the schemas of the contract rather than taken for what
 * the types of `packages/client` promise: `--url` may lead to another version, or to no provider at all, which is to be said
 * in a sentence; and only a parsed id may become part of a path or an argument of ssh.
 *
 * Every call rejects with a `CommandError` that says what the provider said, and with an exit
 * code that tells the kinds of failure apart.
 */
export interface ProviderApi {
  readonly baseUrl: string;
  readiness(): Promise<Readiness>;
  info(): Promise<ProviderInfo>;
  resources(): Promise<ProviderResources>;
  /** Keeps new VMs out, or lets them in again. Only from the provider's own machine. */
  setDrain(isDraining: boolean): Promise<DrainState>;
  listVms(): Promise<Vm[]>;
  getVm(id: VmId): Promise<Vm>;
  /** Undefined while the VM is still being created. */
  getAccess(id: VmId): Promise<VmAccess | undefined>;
  createVm(request: z.input<typeof CreateVmRequest>): Promise<JobAccepted>;
  /** The job of the change; undefined where the VM was so already. */
  changePower(id: VmId, verb: PowerVerb): Promise<JobAccepted | undefined>;
  deleteVm(id: VmId): Promise<JobAccepted | undefined>;
  resizeVm(id: VmId, request: ResizeVmRequest): Promise<JobAccepted | undefined>;
  recoverVm(id: VmId, action: RecoverVmRequest['action']): Promise<JobAccepted | undefined>;
  /** The keys beside the first one, oldest first. */
  listKeys(id: VmId): Promise<SshKey[]>;
  addKey(id: VmId, request: AddSshKeyRequest): Promise<JobAccepted | undefined>;
  removeKey(id: VmId, name: string): Promise<JobAccepted | undefined>;
  listJobs(filter: JobFilter): Promise<JobList>;
  getJob(id: OperationId): Promise<Job>;
  /**
   * The events of a job, from after `lastEventId` where that is given. The body ends when the job has; undefined where it has
   * and all was told.
   */
  openJobEvents(
    id: OperationId,
    lastEventId: string | undefined,
    connection: AbortSignal,
  ): Promise<Response | undefined>;
  /** All events from now on, or from after `lastEventId`. The body ends when the provider stops. */
  openEvents(lastEventId: string | undefined, connection: AbortSignal): Promise<Response | undefined>;
}

/** What a refusal of the API tells a person: its words, each wrong field, and what to do. */
export function describeProblem(problem: Problem): string {
  const fields = (problem.errors ?? []).map(({ pointer, detail }) => `  ${pointer}: ${detail}`);
  const what = problem.detail === problem.title ? problem.title : `${problem.title}: ${problem.detail}`;
  return [what, ...fields, `${errorCodeEntry(problem.code).remedy} (${problem.code})`].join('\n');
}

function refusal(status: number, body: unknown): CommandError {
  const problem = Problem.safeParse(body);
  const words = problem.success ? describeProblem(problem.data) : `The provider answered with status ${status}.`;
  return new CommandError(words, exitCodeOfStatus(status));
}

/** The cursor of the page after this one, where there is one. Of its address nothing else is taken: we know where we ask. */
function nextCursor(headers: Headers): string | undefined {
  return /[?&]cursor=([\w-]+)[^>]*>; *rel="next"/.exec(headers.get('link') ?? '')?.[1];
}

/** How a call was answered; `next` is the cursor of the page after it, where there is one. */
interface Called {
  readonly status: number;
  readonly body: unknown;
  readonly next: string | undefined;
}

/** The API over HTTP. */
export function createProviderApi({ baseUrl, token, signal }: ApiOptions): ProviderApi {
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    try {
      return await fetch(`${baseUrl}${API_PREFIX}${path}`, { ...init, headers, redirect: 'error' });
    } catch (error) {
      signal.throwIfAborted();
      throw new CommandError(
        `The provider at ${baseUrl} does not answer (${errorChain(error)}). Is it running? \`npm start\` starts it.`,
        EXIT_CODES.unavailable,
      );
    }
  };
  const readJson = async (response: Response, reading: AbortSignal): Promise<unknown> => {
    try {
      return JSON.parse(await readText(response, reading));
    } catch (error) {
      signal.throwIfAborted();
      throw new CommandError(`The answer of ${baseUrl} is not that of a provider (${errorChain(error)}).`);
    }
  };
  const call = async (path: string, method = 'GET', body?: unknown): Promise<Called> => {
    const calling = withDeadline(signal, CALL_TIMEOUT_MS);
    const response = await send(path, {
      method,
      signal: calling,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    if (response.status === 204) return { status: 204, body: undefined, next: undefined };
    const answer = await readJson(response, calling);
    // Readiness says what is missing with a status of its own.
    if (!response.ok && !Readiness.safeParse(answer).success) throw refusal(response.status, answer);
    return { status: response.status, body: answer, next: nextCursor(response.headers) };
  };
  const readPage = async <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    method = 'GET',
  ): Promise<{ readonly data: z.output<Schema>; readonly next: string | undefined }> => {
    const { body, next } = await call(path, method);
    const result = schema.safeParse(body);
    if (result.success) return { data: result.data, next };
    throw new CommandError(
      `The provider at ${baseUrl} is of another version: its answer on ${path} is not understood.`,
    );
  };
  const read = async <Schema extends z.ZodType>(path: string, schema: Schema, method?: string) =>
    (await readPage(path, schema, method)).data;
  const change = async (path: string, method: 'POST' | 'DELETE', body?: unknown): Promise<JobAccepted | undefined> => {
    const { status, body: answer } = await call(`${path}?async=true`, method, body);
    return status === 202 ? JobAccepted.parse(answer) : undefined;
  };

  const openStream = async (
    path: string,
    lastEventId: string | undefined,
    connection: AbortSignal,
  ): Promise<Response | undefined> => {
    const response = await send(path, {
      signal: connection,
      headers: { Accept: 'text/event-stream', ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }) },
    });
    if (response.status === 204) return undefined;
    if (!response.ok)
      throw refusal(response.status, await readJson(response, withDeadline(connection, CALL_TIMEOUT_MS)));
    return response;
  };

  return {
    baseUrl,
    readiness: () => read('/ready', Readiness),
    info: () => read('/provider/info', ProviderInfo),
    resources: () => read('/provider/resources', ProviderResources),
    setDrain: (isDraining) => read(isDraining ? '/provider/drain' : '/provider/undrain', DrainState, 'POST'),
    listVms: () => read('/vms', z.array(Vm)),
    getVm: (id) => read(`/vms/${id}`, Vm),
    async getAccess(id) {
      const access = await read(`/vms/${id}/access`, z.union([VmAccess, VmAccessPending]));
      return 'ssh_host' in access ? access : undefined;
    },
    async createVm(request) {
      const accepted = await change('/vms', 'POST', request);
      if (accepted === undefined) throw new CommandError('The provider did not accept the creation as a job.');
      return accepted;
    },
    changePower: (id, verb) => change(`/vms/${id}/${verb}`, 'POST'),
    deleteVm: (id) => change(`/vms/${id}`, 'DELETE'),
    resizeVm: (id, request) => change(`/vms/${id}/resize`, 'POST', request),
    recoverVm: (id, action) => change(`/vms/${id}/recover`, 'POST', { action }),
    listKeys: (id) => read(`/vms/${id}/ssh-keys`, z.array(SshKey)),
    addKey: (id, request) => change(`/vms/${id}/ssh-keys`, 'POST', request),
    removeKey: (id, name) => change(`/vms/${id}/ssh-keys/${encodeURIComponent(name)}`, 'DELETE'),
    async listJobs({ limit, ...filter }) {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
      const jobs: Job[] = [];
      for (;;) {
        query.set('limit', String(Math.min(limit - jobs.length, MAX_PAGE)));
        const { data, next } = await readPage(`/vms/jobs?${query.toString()}`, z.array(Job));
        jobs.push(...data);
        // A page without jobs that leads to another one leads nowhere.
        if (next === undefined || data.length === 0 || jobs.length >= limit)
          return { jobs, hasMore: next !== undefined };
        query.set('cursor', next);
      }
    },
    getJob: (id) => read(`/vms/jobs/${id}`, Job),
    openJobEvents: (id, lastEventId, connection) => openStream(`/vms/jobs/${id}/events`, lastEventId, connection),
    openEvents: (lastEventId, connection) => openStream('/events', lastEventId, connection),
  };
}

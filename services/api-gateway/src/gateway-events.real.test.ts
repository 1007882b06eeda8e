import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { API_PREFIX, type JobAccepted, OperationId } from '@golem-provider/contracts';
import { eventually, type RedisServer, startRedisServer } from '@golem-provider/testing';
import { type EventListener, listenTo } from './testing/event-listener.ts';
import { failure, type GatewayHarness, startGateway } from './testing/gateway-harness.ts';

let server: RedisServer;
let gateway: GatewayHarness;
const listeners: EventListener[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  gateway = await startGateway(server, { MAX_VMS: 1000, MAX_LISTENERS_PER_CLIENT: 8 });
});
afterAll(async () => {
  await gateway.stop();
  await server.stop();
});
beforeEach(() => gateway.reset());
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.close();
});

async function listen(path: string, headers: Record<string, string> = {}, to = gateway): Promise<EventListener> {
  const listener = await listenTo(`${to.baseUrl}${API_PREFIX}${path}`, headers);
  listeners.push(listener);
  return listener;
}

function statesOf(listener: EventListener): string[] {
  return listener.events.map(({ event }) =>
    event.type === 'gap' || event.type === 'mend'
      ? event.type
      : `${event.type} ${event.status} ${event.vm_id.split('-')[1]}`,
  );
}

/** Writes an event of a VM that tells of a failure. */
async function happen(message: string): Promise<void> {
  const json = JSON.stringify({
    type: 'vm',
    at: '2026-01-01T00:00:00.000Z',
    vm_id: 'golem-web-20260101-000000',
    status: 'error',
    error: failure('HYPERVISOR_FAILED', message),
  });
  await gateway.redis.xadd(gateway.names.events, '*', 'json', json);
}

function messagesOf(listener: EventListener): (string | undefined)[] {
  return listener.events.map(({ event }) =>
    event.type === 'gap' || event.type === 'mend' ? event.type : event.error?.message,
  );
}

async function report(job: JobAccepted, phase: 'booting' | 'preparing', progress: number | null): Promise<void> {
  await gateway.records.update({
    operation: { id: job.job_id, change: (operation) => ({ ...operation, status: 'active', phase, progress }) },
  });
}

describe('a job', () => {
  it('tells its phases with their times, its progress where known, and its tries', async () => {
    const job = await gateway.accept('web');
    await report(job, 'preparing', null);
    await report(job, 'booting', 40);

    expect((await gateway.api.call('getJob', { params: { job_id: job.job_id } })).body).toMatchObject({
      status: 'creating',
      phase: 'booting',
      progress: 40,
      attempts: 0,
      finished_at: null,
      phases: [
        { phase: 'queued', reached_at: expect.any(String) },
        { phase: 'preparing', reached_at: expect.any(String) },
        { phase: 'booting', reached_at: expect.any(String) },
      ],
    });
  });
});

describe('the events of a job', () => {
  it('tell it from the beginning and end with it', async () => {
    const job = await gateway.accept('web');
    await gateway.accept('other');
    const listener = await listen(`/vms/jobs/${job.job_id}/events`);
    await report(job, 'booting', 40);
    await eventually(() => expect(listener.events).toHaveLength(2));
    await gateway.finishCreation(job);

    await eventually(() => expect(listener.isEnded()).toBe(true));
    expect(listener.events.map(({ event }) => event)).toMatchObject([
      { type: 'operation', job_id: job.job_id, operation: 'create', status: 'queued' },
      { type: 'operation', job_id: job.job_id, status: 'active', phase: 'booting', progress: 40 },
      { type: 'operation', job_id: job.job_id, status: 'completed', phase: 'done' },
    ]);
    expect(listener.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
    });
    expect(listener.headers['content-encoding']).toBeUndefined();
  });

  it('go on after the last one that was received, and are not asked for again after the end', async () => {
    const job = await gateway.accept('web');
    const first = await listen(`/vms/jobs/${job.job_id}/events`);
    await eventually(() => expect(first.events).toHaveLength(1));
    first.close();
    await gateway.fail(job.job_id, job.vm_id, failure('HYPERVISOR_FAILED', 'did not boot'));

    const second = await listen(`/vms/jobs/${job.job_id}/events`, { 'Last-Event-ID': first.events[0]?.id ?? '' });
    await eventually(() => expect(second.isEnded()).toBe(true));
    expect(second.events.map(({ event }) => event)).toMatchObject([
      { status: 'failed', error: { code: 'HYPERVISOR_FAILED', message: 'did not boot' } },
    ]);
    const third = await listen(`/vms/jobs/${job.job_id}/events`, { 'Last-Event-ID': second.events[0]?.id ?? '' });
    expect(third.status).toBe(204);
  });

  it('end also where the events are lost', async () => {
    const job = await gateway.accept('web');
    await gateway.finishCreation(job);
    await gateway.redis.del(gateway.names.events);

    const listener = await listen(`/vms/jobs/${job.job_id}/events`);

    await eventually(() => expect(listener.isEnded()).toBe(true));
    expect(listener.events).toMatchObject([{ id: undefined, event: { status: 'completed' } }]);
  });

  it('are not there for a job that is not', async () => {
    const job_id = OperationId.parse('op-00000000-0000-0000-0000-000000000000');

    expect(await gateway.api.problem('streamJobEvents', { params: { job_id } })).toMatchObject({
      status: 404,
      code: 'JOB_NOT_FOUND',
    });
    expect(await gateway.api.problem('streamEvents', { headers: { 'Last-Event-ID': 'yesterday' } })).toMatchObject({
      status: 422,
      errors: [{ pointer: 'last-event-id' }],
    });
  });
});

describe('all events', () => {
  it('come to every listener as they happen, in order, nothing from before', async () => {
    await gateway.accept('before');
    const all = await Promise.all([listen('/events'), listen('/events'), listen('/events')]);
    const job = await gateway.accept('web');
    await gateway.finishCreation(job);

    for (const listener of all) {
      await eventually(() =>
        expect(statesOf(listener)).toEqual([
          'vm creating web',
          'operation queued web',
          'vm running web',
          'operation completed web',
        ]),
      );
    }
  });

  it('are told once each and without a gap to a listener that resumes while more happen', async () => {
    const first = await listen('/events');
    await gateway.accept('aa0');
    await eventually(() => expect(first.events).toHaveLength(2));
    first.close();
    const messages = Array.from({ length: 3000 }, (_, i) => `message ${i}`);
    for (const message of messages.slice(0, 1500)) void happen(message);
    await happen('half');

    for (const message of messages.slice(1500)) void happen(message);
    const second = await listen('/events', { 'Last-Event-ID': first.events[1]?.id ?? '' });
    await happen('end');

    await eventually(() => expect(messagesOf(second).at(-1)).toBe('end'));
    expect(messagesOf(second)).toEqual([...messages.slice(0, 1500), 'half', ...messages.slice(1500), 'end']);
  });

  it.each([
    ['is not kept any more', '1-0'],
    ['never was', '999999999999999-0'],
  ])('say so to a listener whose place %s, and go on', async (_, place) => {
    await gateway.accept('kept');

    const listener = await listen('/events', { 'Last-Event-ID': place });
    await eventually(() => expect(listener.events[0]?.event).toEqual({ type: 'gap', last_event_id: place }));
    await gateway.accept('web');

    await eventually(() => expect(statesOf(listener)).toContain('operation queued web'));
  });

  it('pass over an entry that is none', async () => {
    const listener = await listen('/events');
    await gateway.redis.xadd(gateway.names.events, '*', 'json', '{"type":"of another version"}');
    await gateway.accept('web');

    await eventually(() => expect(statesOf(listener)).toEqual(['vm creating web', 'operation queued web']));
  });

  it('cut a listener that does not read, which resumes, and reach the others', async () => {
    const slow = await listen('/events');
    const quick = await listen('/events');
    slow.pause();
    const count = 200;
    for (let i = 0; i < count; i += 1) {
      await happen(`${i} ${'x'.repeat(60_000)}`);
      // Several at once would be more than is kept for anybody.
      await eventually(() => expect(quick.events.length).toBe(i + 1), undefined, 1);
    }
    slow.resume();
    await eventually(() => expect(slow.isEnded()).toBe(true));
    expect(slow.events.length).toBeLessThan(count);

    const again = await listen('/events', { 'Last-Event-ID': slow.events.at(-1)?.id ?? '' });
    await eventually(() => expect(slow.events.length + again.events.length).toBe(count));
  });

  it('are served to a client so many times at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => listen('/events')));
    const refused = await gateway.api.problem('streamEvents');

    expect(refused).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    listeners.pop()?.close();
    await eventually(async () => {
      const listener = await listen('/events');
      expect(listener.status).toBe(200);
    });
  });

  it('are headers alone for HEAD', async () => {
    const response = await fetch(`${gateway.baseUrl}${API_PREFIX}/events`, { method: 'HEAD' });

    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it('end when the gateway stops', async () => {
    const other = await startGateway(server);
    const listener = await listen('/events', {}, other);
    await other.stop();

    await eventually(() => expect(listener.isEnded()).toBe(true));
  });
});

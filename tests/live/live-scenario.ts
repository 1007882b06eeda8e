import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Vm } from '@golem-provider/contracts';
import { eventually } from '@golem-provider/testing';
import { type EchoSession, openEchoSession } from './echo-session.ts';
import type { HttpClient } from './http-client.ts';
import { type LiveProvider, startLiveProvider } from './live-provider.ts';

/** They only end a test that has failed. */
const BED_LIMIT_MS = 300_000;
const STATE_LIMIT_MS = 120_000;

/** Everything but nginx, in the order in which they are restarted. */
const SERVICES = ['vm-worker', 'api-gateway', 'monitor', 'advertiser', 'redis'] as const;
/** VMs to which the sessions go. */
const HELD_VMS = 4;
const CHURNERS = 2;
const READERS = 3;
const READS = ['/vms', '/provider/info', '/provider/resources', '/ready', '/vms/jobs'] as const;
const READ_INTERVAL_MS = 20;

/** How much is done. */
export interface LiveScenario {
  readonly sessions: number;
  /** VMs that are created and deleted meanwhile. */
  readonly creations: number;
  readonly limitMs: number;
}

/** What of a heavily used provider is guaranteed while its services are restarted. */
export function describeLiveProvider({ sessions: sessionCount, creations, limitMs }: LiveScenario): void {
  jest.setTimeout(limitMs);
  let live: LiveProvider;
  let operator: HttpClient;
  const held: Vm[] = [];
  const sessions: EchoSession[] = [];
  let created = 0;
  let mostLeaving = 0;

  /** Opens more sessions, to each held VM in turn. */
  const openSessions = async (count: number): Promise<void> => {
    for (let opened = 0; opened < count; opened += 1) {
      const vm = held[sessions.length % held.length];
      if (vm === undefined) throw new Error('no VM is held');
      const args = await live.sshArguments(operator, vm);
      sessions.push(await openEchoSession(`session-${sessions.length}`, args));
    }
  };
  /** Creates and deletes VMs until this many were created in all; `onCreated` after each. */
  const churn = async (until: number, onCreated: () => Promise<void>): Promise<void> => {
    const work = async (): Promise<void> => {
      const client = live.client();
      while (created < until) {
        created += 1;
        const vm = await live.create(client);
        await onCreated();
        mostLeaving = Math.max(mostLeaving, (await live.leavingWorkers()).length);
        await live.remove(client, vm.id);
      }
    };
    await Promise.all(Array.from({ length: CHURNERS }, work));
  };
  const problems = (): string[] =>
    sessions.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`]));
  const echoed = (): number => sessions.reduce((sum, session) => sum + session.echoedBytes, 0);
  /** Resolves when bytes have gone through every session since it was called. */
  const untilAllEcho = async (): Promise<void> => {
    const before = sessions.map((session) => session.echoedBytes);
    await eventually(() => {
      expect(problems()).toEqual([]);
      expect(sessions.filter((session, index) => session.echoedBytes === before[index])).toEqual([]);
    }, STATE_LIMIT_MS);
  };

  beforeAll(async () => {
    live = await startLiveProvider();
    operator = live.client();
    while (held.length < HELD_VMS) held.push(await live.create(operator));
  }, BED_LIMIT_MS);
  afterAll(async () => {
    for (const session of sessions) session.kill();
    expect(await live.dispose()).toEqual([]);
  }, BED_LIMIT_MS);

  describe('a provider with open ssh sessions, under load', () => {
    it('answers every request that it takes while its services are restarted, with no 5xx but 503 and when to come again', async () => {
      await openSessions(Math.floor(sessionCount / 2));
      let isOver = false;
      const read = async (): Promise<void> => {
        const client = live.client();
        for (let index = 0; !isOver; index += 1) {
          await client.send({ method: 'GET', path: READS[index % READS.length] ?? '/vms' });
          await new Promise((resolve) => setTimeout(resolve, READ_INTERVAL_MS));
        }
      };
      const readers = Array.from({ length: READERS }, read);
      const half = Math.floor(creations / 2);
      let isLoadOver = false;
      const load = churn(half, () => Promise.resolve()).finally(() => (isLoadOver = true));
      try {
        for (const service of SERVICES) {
          await live.restart(service);
          await live.reloadNginx();
          await untilAllEcho();
        }
        await load;
      } finally {
        isOver = true;
        await Promise.allSettled([...readers, load]);
      }
      expect(isLoadOver).toBe(true);

      const ends = live.outcomes.map(({ sent, outcome }) =>
        outcome.kind === 'answered'
          ? {
              ...sent,
              status: outcome.status,
              ...(outcome.status >= 500 && { retryAfter: outcome.retryAfter, body: outcome.body }),
            }
          : { ...sent, ...outcome },
      );
      const wrong = ends.filter((end) =>
        'kind' in end
          ? end.kind === 'cut'
          : end.status >= 500 && (end.status !== 503 || !/^\d+$/.test(end.retryAfter ?? '')),
      );
      const told = new Map<string, number>();
      for (const end of ends) {
        const what = 'kind' in end ? end.kind : String(end.status);
        told.set(what, (told.get(what) ?? 0) + 1);
      }
      process.stdout.write(`requests by how they ended: ${JSON.stringify(Object.fromEntries(told))}\n`);
      expect(wrong).toEqual([]);
      // Each ended by itself, and was not killed for taking too long.
      const stops = live.provider
        .output()
        .match(/[\w-]+ ended \([^)]*\), starting it again|[\w-]+ did not end within/g);
      expect(stops).toEqual(SERVICES.map((service) => `${service} ended (exit code 0), starting it again`));
    });

    it('drops no session and loses no byte over creations, deletions, reloads and restarts', async () => {
      const toOpen = sessionCount - sessions.length;
      let opened = 0;
      const first = created;
      // Spread over the creations, so that sessions hold workers of many generations.
      await churn(creations, async () => {
        const due = Math.ceil((toOpen * (created - first)) / Math.max(1, creations - first));
        while (opened < Math.min(due, toOpen)) {
          opened += 1;
          await openSessions(1);
        }
      });
      await openSessions(sessionCount - sessions.length);
      await untilAllEcho();
      await live.provider.stop();
      await untilAllEcho();
      await live.provider.start();
      await live.reloadNginx();
      await untilAllEcho();

      expect(sessions).toHaveLength(sessionCount);
      const isBounded = async (): Promise<number> => {
        const leaving = await live.leavingWorkers();
        // Whoever leaves stays for a session alone; those that have none take a moment to end.
        expect(leaving.length).toBeLessThanOrEqual(sessionCount);
        return leaving.length;
      };
      const leaving = await eventually(isBounded, STATE_LIMIT_MS);
      await eventually(async () => {
        const known = (await live.leavingWorkers()).length;
        expect(known).toBeGreaterThan(0);
        expect(await live.metric('nginx_workers', 'state="leaving"')).toBe(known);
        expect(await live.metric('ssh_sessions', '')).toBeGreaterThanOrEqual(sessionCount);
      }, STATE_LIMIT_MS);
      process.stdout.write(
        `${sessionCount} sessions, ${created} creations and deletions, ${(echoed() / 2 ** 20).toFixed(1)} MiB there and back; ` +
          `old nginx workers: ${leaving} now, ${mostLeaving} at most\n`,
      );
      expect(await Promise.all(sessions.map((session) => session.end()))).toEqual(sessions.map(() => undefined));
      await eventually(async () => expect(await live.leavingWorkers()).toEqual([]), STATE_LIMIT_MS);
      const cut = live.outcomes.filter(({ outcome }) => outcome.kind === 'cut');
      expect(cut).toEqual([]);
      const audit = await live.provider.run('audit', '--json');
      expect(JSON.parse(audit.stdout)).toMatchObject({ findings: [] });
    });
  });
}

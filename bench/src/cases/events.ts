import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { API_PREFIX, HostId, type VmId } from '@golem-provider/contracts';
import { systemClock } from '@golem-provider/service-kit';
import { createRecordStore, type RecordStore } from '@golem-provider/store';
import { eventually, startRedisServer } from '@golem-provider/testing';
import { type BenchCase, type Figure, under } from '../bench-case.ts';
import { startGateway } from '../beds/gateway.ts';
import { acceptVms, reportAllIsWell } from '../beds/many-vms.ts';
import { summarise } from '../statistics.ts';

const LISTENERS = 200;
/** That read nothing, beside these. */
const STALLED = 5;
const EVENTS = 1000;
const PER_SECOND = 50;
const DELIVERY_LIMIT_MS = 60_000;

/** What one listener has got. */
interface Listener {
  readonly ids: string[];
  readonly response: IncomingMessage;
}

async function listen(url: string, onEvent: (index: number, listener: Listener) => void): Promise<Listener> {
  const request = get(url, { agent: false });
  const [response]: [IncomingMessage] = await once(request, 'response').then(([first]) => [first]);
  const listener: Listener = { ids: [], response };
  let rest = '';
  response.setEncoding('utf8').on('data', (piece: string) => {
    const blocks = (rest + piece).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /^id: (\S+)$/m.exec(block)?.[1];
      if (id === undefined || !block.includes('\ndata: ')) continue;
      listener.ids.push(id);
      onEvent(listener.ids.length - 1, listener);
    }
  });
  response.on('error', () => undefined);
  return listener;
}

/** One event: a VM that is off runs, or the other way about. */
function flip(records: RecordStore, id: VmId): Promise<unknown> {
  return records.update({
    vm: { id, change: (vm) => ({ ...vm, status: vm.status === 'running' ? 'stopped' : 'running' }) },
  });
}

/** Streams of events with many listeners, some of which do not read. */
export const events: BenchCase = {
  name: 'events',
  title: `event streams: ${LISTENERS} listeners, ${EVENTS} events, ${STALLED} more listeners that read nothing`,
  async run(context) {
    const server = await startRedisServer();
    const gateway = await startGateway(context, server);
    const open: IncomingMessage[] = [];
    try {
      await reportAllIsWell(server);
      const ids = await acceptVms(server, 10);
      const records = createRecordStore(server.client(), HostId.parse('local'), systemClock);
      const url = `${gateway.baseUrl}${API_PREFIX}/events`;
      const sentAt: number[] = [];
      const latencies: number[] = [];
      const note = (index: number): void => {
        const sent = sentAt[index];
        if (sent !== undefined) latencies.push(performance.now() - sent);
      };
      for (let count = 0; count < STALLED; count += 1) {
        const [response]: [IncomingMessage] = await once(get(url, { agent: false }), 'response').then(([first]) => [
          first,
        ]);
        response.pause();
        open.push(response);
      }
      const listeners: Listener[] = [];
      for (let count = 0; count < LISTENERS; count += 1) listeners.push(await listen(url, note));
      open.push(...listeners.map(({ response }) => response));
      context.tell(`${LISTENERS} listen`);
      const began = performance.now();
      for (let event = 0; event < EVENTS; event += 1) {
        const due = began + (event * 1000) / PER_SECOND;
        await delay(Math.max(0, due - performance.now()));
        sentAt.push(performance.now());
        const id = ids[event % ids.length];
        if (id !== undefined) await flip(records, id);
      }
      await eventually(() => {
        const late = listeners.filter((listener) => listener.ids.length < EVENTS).length;
        if (late > 0) throw new Error(`${late} listeners have not got all events`);
      }, DELIVERY_LIMIT_MS).catch((error: unknown) => context.tell(String(error)));
      return figures(listeners, latencies);
    } finally {
      for (const response of open) response.destroy();
      await gateway.stop();
      await server.stop();
    }
  },
};

function figures(listeners: readonly Listener[], latencies: readonly number[]): Figure[] {
  const [first] = listeners;
  const inOrder = listeners.filter(
    ({ ids }) => ids.length === EVENTS && ids.every((id, index) => id === first?.ids[index]),
  ).length;
  const { p99 } = summarise(latencies);
  const delivery = under('an event, from before it is written to a listener, p99', 'ms', summarise([p99]), 100);
  return [
    {
      what: 'listeners that got every event in order',
      unit: 'listeners',
      ours: summarise([inOrder]),
      goal: `all ${LISTENERS}`,
      isMet: inOrder === LISTENERS,
    },
    {
      ...delivery,
      note: `${latencies.length} deliveries at ${PER_SECOND} events per second, beside ${STALLED} that do not read`,
    },
  ];
}

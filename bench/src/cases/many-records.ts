import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_PREFIX, HostId, redisNames, type VmId } from '@golem-provider/contracts';
import { createReportStore } from '@golem-provider/store';
import { eventually, type RedisServer, workerReport } from '@golem-provider/testing';
import { type BenchCase, type BenchContext, type Figure, under } from '../bench-case.ts';
import { INSTANT, startEmulator } from '../beds/emulator.ts';
import { acceptVms } from '../beds/many-vms.ts';
import { residentMib } from '../beds/processes.ts';
import { prepareProvider } from '../beds/provider.ts';
import { createProxy } from '../beds/proxy.ts';
import { summarise } from '../statistics.ts';

const VMS = 10_000;
const PROXIES = 1000;
const ROUNDS = 5;
const FRESH_MS = 3_600_000;
const HOST = HostId.parse('local');
const NAMES = redisNames(HOST);
/** From the end of one look to the beginning of the next. */
const BETWEEN_LOOKS_MS = 60_000;
const LOOK_LIMIT_MS = 180_000;
const ADDRESSES = 250;

interface EmulatedState {
  readonly machines: Readonly<Record<string, unknown>>[];
}

/** The state of an emulated Multipass that has these instances, all off, in the form of one that it has made itself. */
async function stateWith(context: BenchContext, ids: readonly VmId[]): Promise<string> {
  const model = await startEmulator(context, INSTANT);
  try {
    await model.launch(['model']);
    const state: EmulatedState = JSON.parse(readFileSync(join(model.directory, 'state.json'), 'utf8'));
    const machines = ids.map((name, index) => ({
      ...state.machines[0],
      name,
      address: `127.77.${1 + Math.floor(index / ADDRESSES)}.${2 + (index % ADDRESSES)}`,
      state: 'Stopped',
      guest: null,
    }));
    return JSON.stringify({ ...state, client: null, machines });
  } finally {
    await model.stop();
  }
}

/** When the looks of a worker at its host ended, by what it asks of Redis. */
async function watchLooks(server: RedisServer): Promise<{ ended: number[]; stop: () => void }> {
  const monitor = await server.client().monitor();
  const ended: number[] = [];
  monitor.on('monitor', (_time: string, [command = '', key = '']: string[]) => {
    if (command.toLowerCase() === 'del' && key === NAMES.busyPorts) ended.push(performance.now());
  });
  return { ended, stop: () => monitor.disconnect() };
}

async function records(context: BenchContext): Promise<Figure[]> {
  // Started with its instances, which are known only when the VMs are accepted.
  let state = '';
  const prepared = await startEmulator(context, INSTANT);
  const bed = await prepareProvider(
    context,
    { GOLEM_PROVIDER_HYPERVISOR: 'multipass', GOLEM_PROVIDER_MULTIPASS_BINARY_PATH: prepared.program },
    100,
  );
  try {
    await createReportStore(bed.server.client(), HOST).worker.save(workerReport(), FRESH_MS);
    context.tell(`accepting ${VMS} VMs`);
    const ids = await acceptVms(bed.server, VMS, 0, { desired: 'stopped', status: 'stopped' });
    await bed.server.client().del(NAMES.report('worker'), NAMES.reportFresh('worker'));
    state = await stateWith(context, ids);
    await prepared.restart((directory) => writeFileSync(join(directory, 'state.json'), state, { mode: 0o600 }));
    const looks = await watchLooks(bed.server);
    const lookEnded = (count: number): Promise<number> =>
      eventually(() => {
        const at = looks.ended[count - 1];
        if (at === undefined) throw new Error('the look at the host has not ended');
        return at;
      }, LOOK_LIMIT_MS);
    context.tell('starting the worker');
    const spawned = performance.now();
    await bed.startWorker();
    const first = await lookEnded(1);
    const start = (first - spawned) / 1000;
    context.tell('waiting for the looks of the next two minutes');
    const second = await lookEnded(2);
    const look = ((await lookEnded(3)) - second - BETWEEN_LOOKS_MS) / 1000;
    // The minute after the first look begins when its manifests are written.
    const written = (second - spawned - BETWEEN_LOOKS_MS) / 1000 - look;
    // A page of the list reads all of them.
    await (await fetch(`${bed.gateway.baseUrl}${API_PREFIX}/vms`)).arrayBuffer();
    const memory = (pid: number): Figure['ours'] => summarise([residentMib(pid)]);
    const [workerMemory, gatewayMemory] = [memory(bed.workerPid()), memory(bed.gateway.pid)];
    context.tell('starting the worker once more');
    await bed.stopWorker();
    const before = looks.ended.length;
    const spawnedAgain = performance.now();
    await bed.startWorker();
    const later = ((await lookEnded(before + 1)) - spawnedAgain) / 1000;
    looks.stop();
    return [
      under(`${VMS} records: start of the worker, first look at the host included`, 's', summarise([start]), 10),
      under(`${VMS} records: from that start until each has its manifest`, 's', summarise([written]), 10),
      under(`${VMS} records: the same start once there is a manifest for each`, 's', summarise([later]), 10),
      under(`${VMS} records: one look, with nothing to mend`, 's', summarise([look]), 5),
      under(`${VMS} records: memory of the worker`, 'MiB', workerMemory, 300),
      under(`${VMS} records: memory of the gateway that listed them`, 'MiB', gatewayMemory, 300),
    ];
  } finally {
    await bed.stop();
    await prepared.stop();
  }
}

async function proxies(context: BenchContext): Promise<Figure[]> {
  const proxy = await createProxy(context);
  try {
    context.tell(`forwarding ${PROXIES} ports`);
    await proxy.forward(PROXIES, 22);
    const tests: number[] = [];
    const changes: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      tests.push((await proxy.test()) / 1000);
      const began = performance.now();
      await proxy.forward(1, 22);
      changes.push((performance.now() - began) / 1000);
    }
    return [
      {
        ...under(`one more forward beside ${PROXIES}: nginx -t, reload, in effect`, 's', summarise(changes), 2),
        note: `nginx -t alone takes ${summarise(tests).median.toFixed(2)} s`,
      },
    ];
  } finally {
    await proxy.stop();
  }
}

/** A host with very many records, and a proxy with very many ports. */
export const manyRecords: BenchCase = {
  name: 'many-records',
  title: `${VMS} records: start of the worker, a look at the host, memory; ${PROXIES} proxies`,
  run: async (context) => [...(await records(context)), ...(await proxies(context))],
};

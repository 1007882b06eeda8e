import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HostId } from '@golem-provider/contracts';
import { createReportStore } from '@golem-provider/store';
import { eventually, type RedisServer, startRedisServer, temporaryDirectory } from '@golem-provider/testing';
import type { BenchContext } from '../bench-case.ts';
import { type Child, runProgram, startNode } from './child.ts';
import { type GatewayBed, serviceVariables, startGateway, type Variables } from './gateway.ts';
import { reportHostIsWell } from './many-vms.ts';

/** Gateway and worker over a Redis and a private nginx of their own; the monitor's report is made up. */
export interface ProviderBed {
  readonly server: RedisServer;
  readonly gateway: GatewayBed;
  readonly dataDirectory: string;
  /** Starts a worker and waits until it has looked at the host; milliseconds until then. */
  startWorker(): Promise<number>;
  stopWorker(): Promise<void>;
  workerPid(): number;
  stop(): Promise<void>;
}

const WORKER_TIMEOUT_MS = 120_000;
/** Below the ports that the kernel gives out; admission skips those that are taken. */
const PORTS = { first: 12_000, last: 29_000 };

/** A range of so many ports at a place that another run hardly has. */
function portRange(count: number): Variables {
  const start = randomInt(PORTS.first, PORTS.last - count);
  return { GOLEM_PROVIDER_PORT_RANGE_START: String(start), GOLEM_PROVIDER_PORT_RANGE_END: String(start + count) };
}

async function endNginx(dataDirectory: string, { environment }: BenchContext): Promise<void> {
  const prefix = join(dataDirectory, 'nginx');
  const configuration = join(prefix, 'nginx.conf');
  if (!existsSync(configuration)) return;
  const options = { env: environment, signal: AbortSignal.timeout(30_000) };
  // One that does not run is no nginx to be stopped.
  await runProgram('nginx', ['-c', configuration, '-p', prefix, '-s', 'stop'], options).catch(() => undefined);
}

/** Starts everything but the worker, with room for so many VMs. */
export async function prepareProvider(
  context: BenchContext,
  hypervisor: Variables,
  ports: number,
): Promise<ProviderBed> {
  const directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, 'data');
  const server = await startRedisServer();
  await reportHostIsWell(server);
  const reports = createReportStore(server.client(), HostId.parse('local'));
  const variables = { ...serviceVariables(dataDirectory, server.url), ...portRange(ports), ...hypervisor };
  const gateway = await startGateway(context, server, variables);
  let worker: Child | undefined;
  const stopWorker = async (): Promise<void> => {
    await worker?.stop();
    worker = undefined;
  };
  return {
    server,
    gateway,
    dataDirectory,
    stopWorker,
    workerPid: () => worker?.pid ?? 0,
    async startWorker() {
      const began = performance.now();
      const entry = join(context.root, 'services/vm-worker/dist/main.js');
      const started = startNode(entry, [], { ...context.environment, ...variables }, directory.path);
      worker = started;
      await eventually(
        async () => {
          const state = await reports.worker.read();
          if (state?.isFresh !== true || !state.report.healthy || state.report.pid !== started.pid)
            throw new Error('the worker does not report itself well');
        },
        WORKER_TIMEOUT_MS,
        5,
      );
      return performance.now() - began;
    },
    async stop() {
      await stopWorker();
      await gateway.stop();
      await endNginx(dataDirectory, context);
      await server.stop();
      await directory.dispose();
    },
  };
}

/** Runs a case over a provider, and takes that down whatever comes of it. */
export async function withProvider<Result>(
  context: BenchContext,
  hypervisor: Variables,
  ports: number,
  run: (bed: ProviderBed) => Promise<Result>,
): Promise<Result> {
  const bed = await prepareProvider(context, hypervisor, ports);
  try {
    await bed.startWorker();
    return await run(bed);
  } finally {
    await bed.stop();
  }
}

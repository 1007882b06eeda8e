import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Finding, type ProviderInfo, type Settings, type Vm } from '@golem-provider/contracts';
import { createLogger, dataDirectory, loadSettings } from '@golem-provider/service-kit';
import pc from 'picocolors';
import { z } from 'zod';
import type { ProviderApi } from '../api/provider-api.ts';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { canaryFinding } from '../doctor/canary.ts';
import { dataDirectoryFinding, portFindings, roomFindings } from '../doctor/local-findings.ts';
import { addressFinding, askDiscovery, clockFinding, discoveryFinding } from '../doctor/network-findings.ts';
import { redisFinding } from '../doctor/redis-finding.ts';
import { type Paint, renderFindings } from '../doctor/render-findings.ts';
import { captureNode, captureProgram } from '../exec/capture.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { checkPort } from '../supervisor/port-check.ts';
import { missingChecks } from '../supervisor/readiness.ts';
import { type ApiCommandOptions, operatorContext } from './operator-context.ts';

/** Options of `doctor`. */
export interface DoctorOptions extends ApiCommandOptions {
  /** Also makes a VM, logs in to it and deletes it. */
  readonly canary?: boolean;
}

const HOST_LOOK_TIMEOUT_MS = 90_000;

/** What the API says of a provider that runs; undefined where none answers. */
interface Running {
  readonly info: ProviderInfo;
  readonly vms: readonly Vm[];
  readonly finding: Finding;
}

async function lookAtRunning(api: ProviderApi): Promise<Running | undefined> {
  try {
    const [info, vms, readiness] = await Promise.all([api.info(), api.listVms(), api.readiness()]);
    const missing = missingChecks(readiness);
    const finding: Finding = readiness.ready
      ? { name: 'provider', verdict: 'ok', detail: `runs at ${api.baseUrl} and is ready`, remedy: null }
      : {
          name: 'provider',
          verdict: 'problem',
          detail: `runs at ${api.baseUrl}, but: ${missing.join('; ')}`,
          remedy: 'Wait, or look into the logs under the data directory.',
        };
    return { info, vms, finding };
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === EXIT_CODES.unavailable) return undefined;
    throw error;
  }
}

async function notRunningFinding(settings: Settings): Promise<Finding> {
  const where = `${settings.HOST}:${settings.PORT}`;
  try {
    await checkPort(settings);
    return { name: 'provider', verdict: 'ok', detail: `does not run; ${where} is free for it`, remedy: null };
  } catch {
    return {
      name: 'provider',
      verdict: 'problem',
      detail: `the API cannot listen on ${where}`,
      remedy: 'End what listens there, or set GOLEM_PROVIDER_PORT.',
    };
  }
}

/** What the worker's own program finds; it gets a directory of its own where there is no data directory yet. */
async function hostFindings(context: CommandContext, settings: Settings): Promise<Finding[]> {
  const hasData = existsSync(settings.DATA_DIR);
  const directory = hasData ? settings.DATA_DIR : await mkdtemp(join(tmpdir(), 'golem-doctor-'));
  try {
    const output = await captureNode({
      entry: join(context.root, 'services/vm-worker/dist/doctor.js'),
      env: { ...context.environment, GOLEM_PROVIDER_DATA_DIR: directory },
      cwd: context.cwd,
      timeoutMs: HOST_LOOK_TIMEOUT_MS,
      signal: context.signal,
    });
    return z.array(Finding).parse(JSON.parse(output));
  } finally {
    if (!hasData) await rm(directory, { recursive: true, force: true });
  }
}

/** Looks at every prerequisite and says what to do about each; the exit code is 1 where something has to be mended. */
export async function doctor(context: CommandContext, options: DoctorOptions): Promise<number> {
  const { signal, environment, cwd, isTerminal } = context;
  const settings = loadSettings(environment, cwd);
  const data = dataDirectory(settings.DATA_DIR);
  const { api, show, tell, nowMs } = operatorContext(context, options);
  const logger = createLogger({ name: 'doctor', level: 'silent', pretty: false });
  const running = await lookAtRunning(api);
  const own = new Set((running?.vms ?? []).flatMap(({ proxy_port: port }) => (port === null ? [] : [port])));
  const discovery = await askDiscovery(settings.DISCOVERY_URL, signal);
  // At once: the looks below take their time, which would count as a difference of the clocks.
  const clock = clockFinding(discovery, nowMs());
  const findings: Finding[] = [
    running?.finding ?? (await notRunningFinding(settings)),
    ...(await hostFindings(context, settings)),
    await dataDirectoryFinding(settings.DATA_DIR),
    await redisFinding(settings.REDIS_URL, data.redisSocket, logger),
    ...(await portFindings(settings, own)),
    ...(await roomFindings(settings)),
    discoveryFinding(settings.DISCOVERY_URL, discovery),
    clock,
    addressFinding(settings.PUBLIC_IP, running?.info),
  ];
  if (options.canary === true) {
    if (running === undefined) throw new CommandError('--canary needs a provider that runs.', EXIT_CODES.unavailable);
    const runSsh = (args: readonly string[], timeoutMs: number): Promise<string> =>
      captureProgram({ program: 'ssh', args, env: environment, cwd, timeoutMs, signal });
    findings.push(await canaryFinding({ api, signal, tell, runSsh }));
  }
  const colours = pc.createColors(isTerminal && environment['NO_COLOR'] === undefined);
  const paint: Paint = (verdict, text) =>
    verdict === 'ok' ? colours.green(text) : verdict === 'warning' ? colours.yellow(text) : colours.red(text);
  show(findings, renderFindings(findings, paint));
  return findings.some(({ verdict }) => verdict === 'problem') ? EXIT_CODES.failed : 0;
}

import {
  closeRedis,
  createLogger,
  errorChain,
  EXIT_CONFIG,
  loadSettings,
  loggerOptions,
  SettingsError,
} from '@golem-provider/service-kit';
import { producerRedis, redisUrl } from '@golem-provider/service-kit/redis';
import { runAudit } from './audit/run-audit.ts';
import { createHostParts } from './host-parts.ts';

const DEADLINE_MS = 5 * 60_000;
const EXIT_UNKNOWN = 2;

/**
 * Compares this host with its records and prints what differs, a line for each finding, or with `--json` one document
 * `{findings: [{kind, vm_id, detail}]}`. Changes nothing; works beside a running provider. Exit codes: 0 nothing was found,
 * 1 something was, 2 it could not be told, 78 a setting is wrong.
 */
async function main(isJson: boolean): Promise<number> {
  const settings = loadSettings(process.env, process.cwd());
  // Standard output is the result alone.
  const logger = createLogger({ ...loggerOptions('audit', settings, false), level: 'silent' });
  const { data, hypervisor, forwarder, places } = await createHostParts({ settings, environment: process.env, logger });
  const redis = producerRedis(redisUrl(settings), logger);
  try {
    const findings = await runAudit(
      {
        redis,
        hostId: settings.HOST_ID,
        hypervisor,
        forwarder,
        data,
        forwardDirectory: places.configDirectory,
        portRange: { start: settings.PORT_RANGE_START, end: settings.PORT_RANGE_END },
        logger,
      },
      AbortSignal.timeout(DEADLINE_MS),
    );
    const lines = findings.map(({ kind, vm_id, detail }) => `${kind} ${vm_id ?? '-'}: ${detail}`);
    const text = isJson ? JSON.stringify({ findings }, null, 2) : lines.join('\n');
    process.stdout.write(text === '' ? 'Nothing differs from the records.\n' : `${text}\n`);
    return findings.length === 0 ? 0 : 1;
  } finally {
    closeRedis(redis);
  }
}

try {
  process.exitCode = await main(process.argv.includes('--json'));
} catch (error) {
  const problems =
    error instanceof SettingsError ? error.problems : [`The host could not be audited: ${errorChain(error)}`];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = error instanceof SettingsError ? EXIT_CONFIG : EXIT_UNKNOWN;
}

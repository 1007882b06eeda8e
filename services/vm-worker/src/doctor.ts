import type { Finding } from '@golem-provider/contracts';
import {
  createLogger,
  dataDirectory,
  EXIT_CONFIG,
  loadSettings,
  SettingsError,
  withDeadline,
} from '@golem-provider/service-kit';
import { createCommandRunner } from './exec/command-runner.ts';
import { hypervisorFindings } from './doctor/hypervisor-findings.ts';
import { nginxFinding, packetRulesFinding } from './doctor/host-findings.ts';
import { findMultipass } from './hypervisor/select.ts';

// Run by the operator's `doctor`: prints what was found as one JSON array. Looks only; no machine and no file of nginx is
// touched. Exit codes: 0 it was looked, whatever was found; 78 a setting is wrong.

const DEADLINE_MS = 60_000;

async function look(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const settings = loadSettings(environment, process.cwd());
  const logger = createLogger({ name: 'doctor', level: 'silent', pretty: false });
  const signal = withDeadline(new AbortController().signal, DEADLINE_MS);
  const data = dataDirectory(settings.DATA_DIR);
  const run = createCommandRunner(environment);
  const searchPath = environment['PATH'] ?? '';
  const isQemu = (await findMultipass(settings, searchPath)) === undefined;
  return [
    ...(await hypervisorFindings({ settings, environment, data, run, logger, signal })),
    ...(isQemu ? [await packetRulesFinding(searchPath, process.getuid?.() === 0)] : []),
    await nginxFinding(run, searchPath, signal),
  ];
}

try {
  process.stdout.write(`${JSON.stringify(await look(process.env))}\n`);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  for (const problem of error.problems) process.stderr.write(`${problem}\n`);
  process.exitCode = EXIT_CONFIG;
}

import { createLogger, loadSettings, loggerOptions, SettingsError, EXIT_CONFIG } from '@golem-provider/service-kit';
import { removeGuestNetworkRules } from './hypervisor/qemu/guest-network.ts';
import { stopPrivateNginx } from './forwarding/private-nginx.ts';
import { createHostParts } from './host-parts.ts';

const DEADLINE_MS = 5 * 60_000;

/**
 * Stops all VMs of this host and the private nginx; with `--purge` removes them, their forwards and the packet rules. Works on
 * what the hypervisor says, so it needs no Redis. VMs that were only stopped run again at the next start of the provider.
 */
async function stopVms(isPurge: boolean): Promise<boolean> {
  const settings = loadSettings(process.env, process.cwd());
  const logger = createLogger(loggerOptions('stop-vms', settings, process.stdout.isTTY));
  const { data, run, hypervisor, forwarder, places } = await createHostParts({ settings, environment: process.env, logger });
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const machines = await hypervisor.list({ signal });
  const endings = await Promise.allSettled(
    [...machines.keys()].map(async (id) => {
      if (isPurge) await hypervisor.delete(id, { signal });
      else await hypervisor.stop(id, { force: false }, { signal });
      logger.info({ vm_id: id }, isPurge ? 'removed' : 'stopped');
    }),
  );
  const failures = endings.flatMap((ending) => (ending.status === 'rejected' ? [ending.reason as unknown] : []));
  for (const err of failures) logger.error({ err }, 'a VM could not be stopped');
  if (isPurge) {
    for (const id of (await forwarder.list()).keys()) await forwarder.remove(id, { signal });
    if (failures.length === 0) await removeGuestNetworkRules(run, data.root, signal);
  }
  if (places.installation === undefined) await stopPrivateNginx(places, signal);
  return failures.length === 0;
}

try {
  process.exitCode = (await stopVms(process.argv.includes('--purge'))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  for (const problem of error.problems) process.stderr.write(`${problem}\n`);
  process.exitCode = EXIT_CONFIG;
}

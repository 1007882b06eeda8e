import type { VmId } from '@golem-provider/contracts';
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
  const { data, run, hypervisor, forwarder, places } = await createHostParts({
    settings,
    environment: process.env,
    logger,
  });
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const machines = await hypervisor.list({ signal });
  const end = async (id: VmId): Promise<boolean> => {
    try {
      if (isPurge) await hypervisor.delete(id, { signal });
      else await hypervisor.stop(id, { force: false }, { signal });
      logger.info({ vm_id: id }, isPurge ? 'removed' : 'stopped');
      return true;
    } catch (err) {
      logger.error({ err, vm_id: id }, 'a VM could not be stopped');
      return false;
    }
  };
  const isDone = (await Promise.all([...machines.keys()].map(end))).every(Boolean);
  if (isPurge) {
    for (const id of (await forwarder.list()).keys()) await forwarder.remove(id, { signal });
    if (isDone) await removeGuestNetworkRules(run, data.root, signal);
  }
  if (places.installation === undefined) await stopPrivateNginx(places, signal);
  return isDone;
}

try {
  process.exitCode = (await stopVms(process.argv.includes('--purge'))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  for (const problem of error.problems) process.stderr.write(`${problem}\n`);
  process.exitCode = EXIT_CONFIG;
}

import { readFile } from 'node:fs/promises';
import type { Finding, Settings } from '@golem-provider/contracts';
import { type DataDirectory, errorChain, type Logger, systemClock } from '@golem-provider/service-kit';
import type { CommandRunner } from '../exec/command-runner.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import { AccelerationFacts } from '../hypervisor/qemu/acceleration.ts';
import { inspectHost } from '../hypervisor/qemu/qemu-host.ts';
import { findMultipass, selectHypervisor } from '../hypervisor/select.ts';
import { UBUNTU_DEFAULT } from '../images/catalogue.ts';
import { readDefaultImage } from '../images/default-image.ts';
import { createHostImageStore } from '../images/host-image-store.ts';

/** What the look at the hypervisor works with. */
export interface HypervisorLook {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  readonly data: DataDirectory;
  readonly run: CommandRunner;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const MULTIPASS_REMEDY =
  'Start Multipass (`snap start multipass`), let this user use it (`multipass authenticate`), or set GOLEM_PROVIDER_HYPERVISOR=qemu.';
const QEMU_REMEDY =
  'Run `npm start`, which installs QEMU, or `apt-get install qemu-system-x86 qemu-utils genisoimage`.';
const KVM_REMEDY =
  'Switch on virtualisation in the firmware, or nested virtualisation in the hypervisor that this host runs in, and give access to /dev/kvm.';

/** The version that Multipass answers with, or why it does not. */
export async function multipassFindings(
  hypervisor: Pick<Hypervisor, 'probe'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    const { version } = await hypervisor.probe({ signal });
    return [{ name: 'hypervisor', verdict: 'ok', detail: `Multipass ${version}`, remedy: null }];
  } catch (error) {
    return [{ name: 'hypervisor', verdict: 'problem', detail: errorChain(error), remedy: MULTIPASS_REMEDY }];
  }
}

/** How guests are executed, from what was found out about KVM. */
export function accelerationFinding({ acceleration, reason }: AccelerationFacts): Finding {
  if (acceleration === 'kvm') return { name: 'kvm', verdict: 'ok', detail: reason, remedy: null };
  const detail = `VMs run by software emulation and are slow: ${reason}`;
  return { name: 'kvm', verdict: 'warning', detail, remedy: KVM_REMEDY };
}

async function imageFinding({ settings, data, run }: HypervisorLook): Promise<Finding> {
  const images = createHostImageStore({ settings, data, run, clock: systemClock });
  const wanted = settings.DEFAULT_VM_IMAGE ?? (await readDefaultImage(data.images)) ?? UBUNTU_DEFAULT;
  const isThere = (await images.find(wanted)) !== undefined;
  return isThere
    ? { name: 'guest image', verdict: 'ok', detail: `${wanted} is there`, remedy: null }
    : {
        name: 'guest image',
        verdict: 'warning',
        detail: `${wanted} is not there yet; the first VM waits for it`,
        remedy: 'Run `npm start` once, which fetches or builds it.',
      };
}

async function qemuFindings(look: HypervisorLook): Promise<Finding[]> {
  try {
    const { version, hasOwnUsers } = await inspectHost(look, look.signal);
    const facts = AccelerationFacts.parse(JSON.parse(await readFile(look.data.acceleration, 'utf8')));
    const users: Finding = hasOwnUsers
      ? { name: 'guest users', verdict: 'ok', detail: 'each VM runs under a user of its own', remedy: null }
      : {
          name: 'guest users',
          verdict: 'warning',
          detail: 'VMs run as the user of the provider and have no way to the internet',
          remedy: 'Run the provider as root, which then gives each VM a user without rights.',
        };
    const found: Finding = { name: 'hypervisor', verdict: 'ok', detail: `QEMU ${version}`, remedy: null };
    return [found, accelerationFinding(facts), users, await imageFinding(look)];
  } catch (error) {
    look.signal.throwIfAborted();
    return [{ name: 'hypervisor', verdict: 'problem', detail: errorChain(error), remedy: QEMU_REMEDY }];
  }
}

/** Looks at the hypervisor that would serve here. Touches no machine. */
export async function hypervisorFindings(look: HypervisorLook): Promise<Finding[]> {
  const searchPath = look.environment['PATH'] ?? '';
  if ((await findMultipass(look.settings, searchPath)) === undefined) return qemuFindings(look);
  return multipassFindings(await selectHypervisor({ ...look, searchPath, clock: systemClock }), look.signal);
}

import type { NetworkInterfaceInfo } from 'node:os';
import type { Settings } from '@golem-provider/contracts';

/** The interfaces of this machine, as `os.networkInterfaces` gives them. */
export type NetworkInterfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The IPv4 address at which requestors reach this host: what the operator says, what was detected, the first address of
 * this machine that others can know, and the loopback where it has no other.
 */
export function publicAddress(
  setting: Settings['PUBLIC_IP'],
  detected: string | null | undefined,
  /** Asked only where nothing else tells: the kernel lists them for a tenth of the time of a request. */
  interfaces: () => NetworkInterfaces,
): string {
  if (setting !== 'auto') return setting;
  if (detected !== null && detected !== undefined) return detected;
  const own = Object.values(interfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return own?.address ?? '127.0.0.1';
}

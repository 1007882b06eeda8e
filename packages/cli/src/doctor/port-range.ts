import type { Finding } from '@golem-provider/contracts';

/** Ports from `start` up to, not including, `end`. */
export interface PortRange {
  readonly start: number;
  readonly end: number;
}

/** The range in `/proc/sys/net/ipv4/ip_local_port_range`; undefined for another text. */
export function parseEphemeralRange(text: string): PortRange | undefined {
  const [, first, last] = /^(\d+)\s+(\d+)\s*$/.exec(text) ?? [];
  return first === undefined || last === undefined ? undefined : { start: Number(first), end: Number(last) + 1 };
}

/** The ranges in `/proc/sys/net/ipv4/ip_local_reserved_ports`, such as `8080,50800-50899`. */
export function parseReservedPorts(text: string): PortRange[] {
  return text
    .trim()
    .split(',')
    .flatMap((part) => {
      const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      return first === undefined ? [] : [{ start: Number(first), end: Number(last ?? first) + 1 }];
    });
}

/** The ports of a range that the kernel may give to outgoing connections, which then keep nginx from listening there. */
function exposedPorts(range: PortRange, ephemeral: PortRange, reserved: readonly PortRange[]): number {
  let count = 0;
  for (let port = Math.max(range.start, ephemeral.start); port < Math.min(range.end, ephemeral.end); port += 1) {
    if (!reserved.some(({ start, end }) => port >= start && port < end)) count += 1;
  }
  return count;
}

/** Whether the ssh ports are kept from outgoing connections. */
export function reservedRangeFinding(
  range: PortRange,
  ephemeral: PortRange | undefined,
  reserved: readonly PortRange[],
): Finding {
  const name = 'reserved ports';
  const text = `${range.start}-${range.end - 1}`;
  const exposed = ephemeral === undefined ? 0 : exposedPorts(range, ephemeral, reserved);
  if (exposed === 0) return { name, verdict: 'ok', detail: `no outgoing connection gets one of ${text}`, remedy: null };
  return {
    name,
    verdict: 'warning',
    detail: `${exposed} of ${text} may be given to outgoing connections; a port that is taken is skipped`,
    remedy: `echo 'net.ipv4.ip_local_reserved_ports = ${text}' > /etc/sysctl.d/60-golem-provider.conf && sysctl --system`,
  };
}

/** Whether the ssh ports are free; those of our own VMs are not counted as busy. */
export function freeRangeFinding(range: PortRange, busy: readonly number[]): Finding {
  const name = 'ssh ports';
  const count = range.end - range.start;
  const free = count - busy.length;
  if (busy.length === 0) return { name, verdict: 'ok', detail: `all ${count} free or ours`, remedy: null };
  const shown = `${busy.slice(0, 5).join(', ')}${busy.length > 5 ? ', …' : ''}`;
  return {
    name,
    verdict: free > 0 ? 'warning' : 'problem',
    detail: `${free} of ${count} free; other programs listen on ${shown}`,
    remedy: 'End those programs, or move GOLEM_PROVIDER_PORT_RANGE_START and GOLEM_PROVIDER_PORT_RANGE_END.',
  };
}

import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { SshTarget, VmId } from '@golem-provider/contracts';
import { z } from 'zod';
import { quoteWord } from './nginx-syntax.ts';
import type { PortForward } from './port-forwarder.ts';

/** Matches the file of every VM and nothing else that we write beside them. */
export const FORWARD_FILE_GLOB = 'vm_*.conf';

/** One line of JSON for each connection that has ended, in the log directory. */
export const ACCESS_LOG = 'ssh-access.log';

/** What nginx says of itself and of connections that failed, in the log directory. */
export const ERROR_LOG = 'ssh-error.log';

const MARKER = '# golem-forward ';
const Marker = z.object({ vm_id: VmId, port: z.int().min(1).max(65_535), target: SshTarget });

/** What a file depends on beside the forward itself. */
export interface ForwardFileOptions {
  readonly logDirectory: string;
  /** Whether the host has IPv6 at all: where it has none, a `listen [::]` fails the whole configuration. */
  readonly hasIpv6: boolean;
}

/** The name of a VM's file. */
export function forwardFileName(vmId: VmId): string {
  return `vm_${vmId}.conf`;
}

/** Whether nginx includes a file of this name. */
export function isForwardFileName(name: string): boolean {
  return name.startsWith('vm_') && name.endsWith('.conf');
}

// The log format is made anew for each VM: `set`, with which one format would do, came with nginx 1.19.3 only.
function renderLogFormat(name: string, vmId: VmId): string {
  const fields = [
    '"time":"$time_iso8601"',
    `"vm_id":"${vmId}"`,
    '"client":"$remote_addr"',
    '"client_port":"$remote_port"',
    '"bytes_received":$bytes_received',
    '"bytes_sent":$bytes_sent',
    '"duration_s":$session_time',
    '"status":$status',
  ];
  return `log_format ${name} escape=json '{${fields.join(',')}}';`;
}

/**
 * The text of a VM's file, for the `stream` context of nginx 1.15.6 and newer. Received bytes come from the client, sent
 * ones go to it. The target's host has to be an IP address.
 */
export function renderForwardFile(
  { vmId, port, target }: PortForward,
  { logDirectory, hasIpv6 }: ForwardFileOptions,
): string {
  const name = `golem_ssh_${vmId}`;
  const host = isIPv6(target.host) ? `[${target.host}]` : target.host;
  return [
    MARKER + JSON.stringify({ vm_id: vmId, port, target }),
    '# Written by the provider, which overwrites changes.',
    `upstream ${name} {`,
    `    server ${host}:${target.port};`,
    '}',
    renderLogFormat(name, vmId),
    'server {',
    `    listen ${port} so_keepalive=on;`,
    ...(hasIpv6 ? [`    listen [::]:${port} ipv6only=on so_keepalive=on;`] : []),
    `    proxy_pass ${name};`,
    '    proxy_connect_timeout 10s;',
    '    proxy_timeout 24h;',
    '    proxy_socket_keepalive on;',
    '    tcp_nodelay on;',
    `    access_log ${quoteWord(join(logDirectory, ACCESS_LOG))} ${name};`,
    `    error_log ${quoteWord(join(logDirectory, ERROR_LOG))} warn;`,
    '}',
    '',
  ].join('\n');
}

/** The forward that a file was written for; undefined when it is not one of ours. */
export function parseForwardFile(name: string, text: string): PortForward | undefined {
  const line = text.split('\n', 1)[0] ?? '';
  if (!line.startsWith(MARKER)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(line.slice(MARKER.length));
  } catch {
    return undefined;
  }
  const marker = Marker.safeParse(json);
  if (!marker.success || name !== forwardFileName(marker.data.vm_id)) return undefined;
  return { vmId: marker.data.vm_id, port: marker.data.port, target: marker.data.target };
}

import { describe, expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import fc from 'fast-check';
import { forwardFileName, isForwardFileName, parseForwardFile, renderForwardFile } from './forward-file.ts';

const vmId = VmId.parse('golem-web-20260101-120000');
const forward = { vmId, port: 50_800, target: { host: '10.1.2.3', port: 22 } };
const options = { logDirectory: '/var/log/our "logs"', hasIpv6: true };

describe('the file of a forward', () => {
  it('is this text', () => {
    expect(renderForwardFile(forward, options)).toBe(
      String.raw`# golem-forward {"vm_id":"golem-web-20260101-120000","port":50800,"target":{"host":"10.1.2.3","port":22}}
# Written by the provider, which overwrites changes.
upstream golem_ssh_golem-web-20260101-120000 {
    server 10.1.2.3:22;
}
log_format golem_ssh_golem-web-20260101-120000 escape=json '{"time":"$time_iso8601","vm_id":"golem-web-20260101-120000","client":"$remote_addr","client_port":"$remote_port","bytes_received":$bytes_received,"bytes_sent":$bytes_sent,"duration_s":$session_time,"status":$status}';
server {
    listen 50800 so_keepalive=on;
    listen [::]:50800 ipv6only=on so_keepalive=on;
    proxy_pass golem_ssh_golem-web-20260101-120000;
    proxy_connect_timeout 10s;
    proxy_timeout 24h;
    proxy_socket_keepalive on;
    tcp_nodelay on;
    access_log "/var/log/our \"logs\"/ssh-access.log" golem_ssh_golem-web-20260101-120000;
    error_log "/var/log/our \"logs\"/ssh-error.log" warn;
}
`,
    );
  });

  it('listens on IPv4 only where the host has no IPv6', () => {
    const text = renderForwardFile(forward, { ...options, hasIpv6: false });
    expect(text.match(/listen .*/g)).toEqual(['listen 50800 so_keepalive=on;']);
  });

  it('puts an IPv6 target in brackets', () => {
    const text = renderForwardFile({ ...forward, target: { host: 'fd42::7', port: 22 } }, options);
    expect(text).toContain('server [fd42::7]:22;');
  });

  it('gives back the forward that it was written for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_535 }),
        fc.oneof(fc.ipV4(), fc.ipV6()),
        fc.integer({ min: 1, max: 65_535 }),
        fc.boolean(),
        (port, host, targetPort, hasIpv6) => {
          const wanted = { vmId, port, target: { host, port: targetPort } };
          const text = renderForwardFile(wanted, { ...options, hasIpv6 });
          expect(parseForwardFile(forwardFileName(vmId), text)).toEqual(wanted);
        },
      ),
    );
  });

  it.each([
    ['of nobody', forwardFileName(vmId), 'server { listen 1; }\n'],
    ['empty', forwardFileName(vmId), ''],
    ['of another VM', 'vm_golem-other-20260101-120000.conf', renderForwardFile(forward, options)],
    ['with a broken marker', forwardFileName(vmId), '# golem-forward {"vm_id":\n'],
    ['with a port out of range', forwardFileName(vmId), renderForwardFile({ ...forward, port: 0 }, options)],
    ['with the marker further down', forwardFileName(vmId), `\n${renderForwardFile(forward, options)}`],
  ])('is not ours when it is %s', (_, name, text) => {
    expect(parseForwardFile(name, text)).toBeUndefined();
  });

  it.each([
    ['vm_golem-web-20260101-120000.conf', true],
    ['vm_golem-web-20260101-120000.conf.tmp', false],
    ['vm_golem-web-20260101-120000.conf.refused', false],
    ['other.conf', false],
  ])('is included by its name: %s', (name, expected) => {
    expect(isForwardFileName(name)).toBe(expected);
  });
});

import { describe, expect, it } from '@jest/globals';
import { chooseWorkerUser, renderPrivateConf } from './private-conf.ts';

const options = {
  pidFile: '/d/nginx/nginx.pid',
  logDirectory: '/d/logs',
  configDirectory: '/d/nginx/vms',
  streamModule: '/usr/lib/nginx/modules/ngx_stream_module.so',
  user: { name: 'www-data', group: 'www-data' },
};

describe('the configuration of the private nginx', () => {
  it('is this text', () => {
    expect(renderPrivateConf(options)).toBe(`# Written by the provider, which overwrites changes.
load_module "/usr/lib/nginx/modules/ngx_stream_module.so";
user www-data www-data;
daemon on;
worker_processes 2;
worker_rlimit_nofile 16640;
pid "/d/nginx/nginx.pid";
error_log "/d/logs/ssh-error.log" notice;
events {
    worker_connections 8192;
}
stream {
    include "/d/nginx/vms/vm_*.conf";
}
`);
  });

  it('neither loads a module that is built in nor names a user without the right to', () => {
    const text = renderPrivateConf({ ...options, streamModule: undefined, user: undefined });
    expect(text).not.toMatch(/^(?:load_module|user) /m);
  });

  it.each([
    [
      'Debian',
      'root:x:0:0::/:\nwww-data:x:33:33::/:\nnobody:x:65534:65534::/:',
      'www-data:x:33:\nnogroup:x:65534:',
      'www-data',
      'www-data',
    ],
    ['no www-data', 'root:x:0:0::/:\nnobody:x:65534:65534::/:', 'root:x:0:\nnogroup:x:65534:', 'nobody', 'nogroup'],
    ['Fedora', 'nginx:x:981:980::/:\nnobody:x:65534:65534::/:', 'nginx:x:980:\nnobody:x:65534:', 'nginx', 'nginx'],
  ])('runs the workers without rights: %s', (_, passwd, group, name, groupName) => {
    expect(chooseWorkerUser(passwd, group)).toEqual({ name, group: groupName });
  });

  it('leaves the choice to nginx where no such account is known', () => {
    expect(chooseWorkerUser('root:x:0:0::/:', 'root:x:0:')).toBeUndefined();
  });
});

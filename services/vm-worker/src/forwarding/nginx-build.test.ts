import { describe, expect, it } from '@jest/globals';
import { parseNginxBuild } from './nginx-build.ts';

const debian = `nginx version: nginx/1.22.1
built with OpenSSL 3.0.22
configure arguments: --with-cc-opt='-g -O2' --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --error-log-path=stderr --pid-path=/run/nginx.pid --modules-path=/usr/lib/nginx/modules --with-stream_ssl_module --with-stream=dynamic --with-stream_geoip_module=dynamic
`;

describe('parseNginxBuild', () => {
  it.each([
    [
      'Debian',
      debian,
      {
        version: '1.22.1',
        prefix: '/usr/share/nginx',
        pidFile: '/run/nginx.pid',
        errorLog: undefined,
        stream: 'dynamic',
        streamModule: '/usr/lib/nginx/modules/ngx_stream_module.so',
      },
    ],
    [
      'nginx.org',
      'nginx version: nginx/1.26.2\nconfigure arguments: --prefix=/etc/nginx --error-log-path=/var/log/nginx/error.log --pid-path=/var/run/nginx.pid --with-stream --with-stream_ssl_module',
      {
        version: '1.26.2',
        prefix: '/etc/nginx',
        pidFile: '/var/run/nginx.pid',
        errorLog: '/var/log/nginx/error.log',
        stream: 'static',
        streamModule: '/etc/nginx/modules/ngx_stream_module.so',
      },
    ],
    [
      'a build with no options',
      'nginx version: openresty/1.25.3.1\nconfigure arguments: --with-stream_ssl_module\n',
      {
        version: '1.25.3.1',
        prefix: '/usr/local/nginx',
        pidFile: '/usr/local/nginx/logs/nginx.pid',
        errorLog: '/usr/local/nginx/logs/error.log',
        stream: 'absent',
        streamModule: '/usr/local/nginx/modules/ngx_stream_module.so',
      },
    ],
  ])('reads that of %s', (_, text, expected) => {
    expect(parseNginxBuild(text)).toEqual(expected);
  });
});

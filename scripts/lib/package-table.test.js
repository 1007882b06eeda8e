import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  hasStreamInside,
  installAdvice,
  isDebianFamily,
  missingPackages,
  parsePackageList,
  requirements,
} from './package-table.js';

/** @type {import('./package-table.js').Needs} */
const plain = { purpose: 'run', isMultipass: false, isRedisGiven: false, imagePackages: ['mmdebstrap', 'qemu-utils'] };
const nothing = { hasProgram: () => false, hasFile: () => false };

describe('requirements', () => {
  it.each([
    [
      'an embedded hypervisor',
      plain,
      'redis-server nginx libnginx-mod-stream openssh-client qemu-system-x86 qemu-utils genisoimage nftables mmdebstrap',
    ],
    ['Multipass', { ...plain, isMultipass: true }, 'redis-server nginx libnginx-mod-stream openssh-client'],
    [
      'Multipass and a Redis elsewhere',
      { ...plain, isMultipass: true, isRedisGiven: true },
      'nginx libnginx-mod-stream openssh-client',
    ],
    [
      'tests, whatever the settings say',
      { ...plain, purpose: /** @type {const} */ ('test'), isMultipass: true, isRedisGiven: true },
      'redis-server nginx libnginx-mod-stream openssh-client qemu-system-x86 qemu-utils genisoimage nftables mmdebstrap ' +
        'openssh-server shellcheck',
    ],
  ])('on a fresh machine with %s', (_name, needs, packages) => {
    expect(missingPackages(requirements(needs), nothing)).toEqual(packages.split(' '));
  });
});

describe('missingPackages', () => {
  it('goes by what is there, not by who brought it', () => {
    const probe = {
      hasProgram: (/** @type {string} */ name) => name !== 'genisoimage',
      hasFile: (/** @type {string} */ path) => path === '/usr/share/nginx/modules/ngx_stream_module.so',
    };

    expect(missingPackages(requirements(plain), probe)).toEqual(['genisoimage']);
  });

  it("goes by dpkg's record for an image package that is in no table", () => {
    const needs = { ...plain, imagePackages: ['uidmap'] };
    const probe = { hasProgram: () => true, hasFile: (/** @type {string} */ path) => path.includes('/ngx_stream') };

    expect(missingPackages(requirements(needs), probe)).toEqual(['uidmap']);
    expect(
      missingPackages(requirements(needs), { ...probe, hasFile: (path) => /ngx_stream|info\/uidmap\.list/.test(path) }),
    ).toEqual([]);
  });
});

describe('parsePackageList', () => {
  it('leaves out comments and empty lines', () => {
    expect(parsePackageList('# what for\n\na\nb # why\n')).toEqual(['a', 'b']);
  });

  it('reads the list of the guest image', () => {
    const list = new URL('../../services/vm-worker/image/debian-12/host-packages.list', import.meta.url);

    expect(parsePackageList(readFileSync(list, 'utf8'))).toContain('mmdebstrap');
  });
});

describe('hasStreamInside', () => {
  it.each([
    ['configure arguments: --with-stream --with-threads', true],
    ['configure arguments: --with-stream=dynamic --with-stream_ssl_module', false],
  ])('judges %j', (options, isInside) => {
    expect(hasStreamInside(options)).toBe(isInside);
  });
});

describe('isDebianFamily', () => {
  it.each([
    ['ID=debian\n', true],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', false],
    ['', false],
  ])('judges %j', (osRelease, isDebian) => {
    expect(isDebianFamily(osRelease)).toBe(isDebian);
  });
});

describe('installAdvice', () => {
  it('is one command where packages come by apt', () => {
    const commands = installAdvice(['nginx', 'nftables'], true).filter((line) => line.startsWith('  '));

    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatch(/sudo apt-get install .* nginx nftables$/);
  });

  it('names what is needed elsewhere', () => {
    expect(installAdvice(['nginx'], false).join('\n')).toContain('  nginx');
  });
});

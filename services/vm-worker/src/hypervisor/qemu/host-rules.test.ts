import { describe, expect, it } from '@jest/globals';
import { type AccelerationFacts, deviceAccess, probeArguments, withDeviceGroup } from './acceleration.ts';
import { isAllowedPort } from './loopback-port.ts';
import { consoleTail } from './machine-monitor.ts';
import { CONSOLE_BYTES, KVM_ARGUMENTS } from './qemu-command.ts';
import { parseQemuVersion } from './qemu-host.ts';

describe('deviceAccess', () => {
  it.each([
    ['open to root only', 0o20600, 0, { usable: false }],
    ["open to root's group only", 0o20660, 0, { usable: false }],
    ['open to a group of its own', 0o20660, 107, { usable: true, kvmGid: 107 }],
    ['open to everyone', 0o20666, 0, { usable: true, kvmGid: null }],
    ['readable only', 0o20644, 107, { usable: false }],
  ])('a device %s', (_, mode, gid, access) => {
    expect(deviceAccess({ mode, gid })).toMatchObject(access);
  });
});

describe('withDeviceGroup', () => {
  const facts: AccelerationFacts = { acceleration: 'kvm', kvm_gid: 107, reason: '' };
  it.each([
    [{ uid: 5, gid: 5 }, facts, { uid: 5, gid: 107 }],
    [
      { uid: 5, gid: 5 },
      { ...facts, kvm_gid: null },
      { uid: 5, gid: 5 },
    ],
    [null, facts, null],
  ])('%p with %p', (user, given, result) => {
    expect(withDeviceGroup(user, given)).toEqual(result);
  });
});

describe('probeArguments', () => {
  it('tries the accelerator and the processor of real machines', () => {
    expect(probeArguments(KVM_ARGUMENTS, 'rom').join(' ')).toContain('-machine q35 -accel kvm -cpu host');
  });
});

describe('isAllowedPort', () => {
  const rules = { publicRange: { start: 50_800, end: 50_900 }, taken: new Set([40_000]) };
  it.each([
    [50_799, true],
    [50_800, false],
    [50_899, false],
    [50_900, true],
    [40_000, false],
    [1023, false],
  ])('%i: %p', (port, allowed) => {
    expect(isAllowedPort(port, rules)).toBe(allowed);
  });
});

describe('consoleTail', () => {
  it('keeps the latest bytes', () => {
    expect(consoleTail(Buffer.from('a'), Buffer.from('b')).toString()).toBe('ab');
    const tail = consoleTail(Buffer.alloc(CONSOLE_BYTES, 'a'), Buffer.from('bb'));
    expect([tail.length, tail.subarray(-3).toString()]).toEqual([CONSOLE_BYTES, 'abb']);
  });
});

describe('parseQemuVersion', () => {
  it.each([
    ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\nCopyright', '7.2.22'],
    ['rubbish', 'unknown'],
  ])('%p', (text, version) => {
    expect(parseQemuVersion(text)).toBe(version);
  });
});

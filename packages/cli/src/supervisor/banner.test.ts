import type { HypervisorInfo } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import { describeDiscovery, describeHypervisor, localBaseUrl } from './banner.ts';

describe('localBaseUrl', () => {
  it.each([
    ['0.0.0.0', 'http://127.0.0.1:7466'],
    ['::', 'http://[::1]:7466'],
    ['127.0.0.2', 'http://127.0.0.2:7466'],
    ['::1', 'http://[::1]:7466'],
  ])('of %s is %s', (HOST, url) => {
    expect(localBaseUrl({ HOST, PORT: 7466 })).toBe(url);
  });
});

describe('describeDiscovery', () => {
  it.each([
    ['http://localhost:7465', true, 'Discovery (development)  http://localhost:7465'],
    ['http://localhost:7465/', false, 'Discovery    http://localhost:7465'],
    ['https://user:secret@discovery.example.org/base?key=1', false, 'Discovery    https://discovery.example.org/base'],
  ])('of %s (development: %s)', (url, isDevelopment, line) => {
    expect(describeDiscovery(url, isDevelopment)).toBe(line);
  });
});

describe('describeHypervisor', () => {
  const info: HypervisorInfo = {
    name: 'qemu',
    version: '7.2.22',
    acceleration: 'kvm',
    guest_network: 'internet',
    default_image: 'debian:12',
    images: [],
  };

  it.each([
    [info, 'qemu 7.2.22, kvm; guests reach the internet'],
    [
      { ...info, acceleration: 'tcg', guest_network: 'isolated' as const },
      'qemu 7.2.22, software emulation: VMs are slow; guests have no way out',
    ],
    [{ ...info, name: 'multipass', version: null, acceleration: null }, 'multipass; guests reach the internet'],
    [null, 'not known yet'],
  ])('tells what an operator wants to know %#', (hypervisor, sentence) => {
    expect(describeHypervisor(hypervisor)).toBe(sentence);
  });
});

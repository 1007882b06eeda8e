import { describe, expect, it } from '@jest/globals';
import { describeSettings, parseSettings } from './settings.ts';

function settingsOf(environment: Record<string, string>): unknown {
  const result = parseSettings(environment);
  return result.ok ? result.settings : result.problems;
}

describe('parseSettings', () => {
  it('has a default for all that is needed', () => {
    expect(settingsOf({})).toMatchObject({
      HOST: '0.0.0.0',
      PORT: 7466,
      NAME: 'golem-provider',
      COUNTRY: 'SE',
      DISCOVERY_URL: 'http://localhost:7465',
      ADVERTISEMENT_INTERVAL: 240,
      MAX_VMS: 10,
      PORT_RANGE_START: 50_800,
      PORT_RANGE_END: 50_900,
      CPU_THRESHOLD: 90,
      MEMORY_THRESHOLD: 85,
      STORAGE_THRESHOLD: 90,
    });
  });

  it('counts an empty value as unset and leaves foreign variables alone', () => {
    expect(settingsOf({ GOLEM_PROVIDER_PORT: ' ', PATH: '/bin' })).toMatchObject({ PORT: 7466 });
  });

  it('takes the example image of the original system', () => {
    expect(settingsOf({ GOLEM_PROVIDER_DEFAULT_VM_IMAGE: 'ubuntu:20.04' })).toMatchObject({
      DEFAULT_VM_IMAGE: 'ubuntu:20.04',
    });
  });

  it.each([
    ['PORT', 'abc'],
    ['PORT', '0'],
    ['PORT', '50810'],
    ['COUNTRY', 'Sweden'],
    ['COUNTRY', 'EU'],
    ['MAX_VMS', '-1'],
    ['DEBUG', 'maybe'],
    ['DISCOVERY_URL', 'ftp://x'],
    ['DEFAULT_VM_IMAGE', '--help'],
    ['PORT_RANGE_END', '50000'],
    ['HYPERVISOR', 'xen'],
    ['PUBLIC_IP', 'example.org'],
    ['PUBLIC_IP', '0.0.0.0'],
    ['PUBLIC_IP', '224.0.0.1'],
    ['AUTH', 'none'],
    ['TRUSTED_PROXIES', '127.0.0.1,proxy.example.org'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['CORS_ORIGINS', 'https://example.org/page'],
    ['RATE_LIMIT_CREATIONS_PER_MINUTE', '0'],
    ['COUNTYR', 'SE'],
  ])('names the variable when %s is %s', (name, value) => {
    expect(settingsOf({ [`GOLEM_PROVIDER_${name}`]: value })).toEqual([
      expect.stringContaining(`GOLEM_PROVIDER_${name}`),
    ]);
  });
});

describe('settings that do not go together', () => {
  it('has no API keys where everybody may do everything', () => {
    expect(settingsOf({ GOLEM_PROVIDER_AUTH: 'open', GOLEM_PROVIDER_API_KEYS: 'k'.repeat(20) })).toEqual([
      'GOLEM_PROVIDER_AUTH: must not be open where API keys are set',
    ]);
  });
});

describe('describeSettings', () => {
  it('describes every setting in one line', () => {
    for (const { name, description } of describeSettings()) {
      expect(name).toMatch(/^GOLEM_PROVIDER_[A-Z_]+$/);
      expect(description).toMatch(/^[^\n]{10,}$/);
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { addressFinding, clockFinding, discoveryFinding } from './network-findings.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');

describe('discoveryFinding', () => {
  it.each([
    [{ status: 200, date: null }, 'ok'],
    [{ status: 503, date: null }, 'warning'],
    ['connection refused', 'warning'],
  ] as const)('judges %j', (answer, verdict) => {
    expect(discoveryFinding('http://discovery', answer).verdict).toBe(verdict);
  });
});

describe('clockFinding', () => {
  it.each([
    [{ status: 200, date: 'Thu, 01 Jan 2026 12:00:03 GMT' }, 'ok'],
    [{ status: 200, date: 'Thu, 01 Jan 2026 12:00:30 GMT' }, 'problem'],
    [{ status: 200, date: 'Thu, 01 Jan 2026 11:59:30 GMT' }, 'problem'],
    [{ status: 200, date: 'soon' }, 'warning'],
    [{ status: 200, date: null }, 'warning'],
    ['no answer', 'warning'],
  ] as const)('judges %j', (answer, verdict) => {
    expect(clockFinding(answer, NOW).verdict).toBe(verdict);
  });
});

describe('addressFinding', () => {
  it.each([
    ['auto', undefined, 'ok'],
    ['auto', '203.0.113.9', 'ok'],
    ['203.0.113.9', undefined, 'ok'],
    ['auto', '192.168.1.4', 'warning'],
    ['auto', '172.20.0.2', 'warning'],
    ['auto', '172.32.0.2', 'ok'],
    ['10.0.0.1', undefined, 'warning'],
    ['auto', '100.64.0.1', 'warning'],
  ] as const)('judges setting %s and advertised address %s', (setting, address, verdict) => {
    const info = address === undefined ? undefined : { ip_address: address };
    expect(addressFinding(setting, info).verdict).toBe(verdict);
  });
});

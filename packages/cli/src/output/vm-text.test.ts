import { toVm, VmId, VmName } from '@golem-provider/contracts';
import { vmRecord } from '@golem-provider/testing';
import { describe, expect, it } from '@jest/globals';
import { findVm, renderVm, renderVms } from './vm-text.ts';

const NOW = Date.parse('2026-01-01T02:00:00.000Z');
const vm = (id: string, name: string): ReturnType<typeof toVm> =>
  toVm(vmRecord({ id: VmId.parse(id), name: VmName.parse(name) }), '203.0.113.1');
const WEB = vm('golem-web-20260101-000000', 'web');
const SECOND_WEB = vm('golem-web-20260101-000001', 'web');
const DATABASE = vm('golem-database-20260101-000000', 'database');

describe('findVm', () => {
  it.each([
    ['golem-web-20260101-000001', SECOND_WEB],
    ['database', DATABASE],
  ])('finds %s', (reference, found) => {
    expect(findVm([WEB, SECOND_WEB, DATABASE], reference)).toBe(found);
  });
  it.each([
    ['web', 'golem-web-20260101-000001'],
    ['mail', 'There is no VM mail'],
  ])('says what is wrong with %s', (reference, words) => {
    expect(findVm([WEB, SECOND_WEB, DATABASE], reference)).toEqual(expect.stringContaining(words));
  });
});

describe('renderVms', () => {
  it('shows a line for each VM', () => {
    const failed = toVm(vmRecord({ status: 'error', error: { code: 'PROXY_FAILED', message: 'no' } }), 'host');
    const [head, first, second] = renderVms([WEB, failed], NOW).split('\n');
    expect(head).toMatch(/^ID +STATUS +SIZE +SSH PORT +AGE +ERROR$/);
    expect(first).toMatch(/^golem-web-20260101-000000 +creating +1\/1\/10 +50800 +2 h$/);
    expect(second).toContain('PROXY_FAILED');
  });
  it('says that there are none', () => {
    expect(renderVms([], NOW)).toBe('There are no VMs.\n');
  });
});

describe('renderVm', () => {
  it('tells where ssh gets in', () => {
    expect(renderVm(WEB, NOW)).toContain('203.0.113.1 port 50800');
  });
});

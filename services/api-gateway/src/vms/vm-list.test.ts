import { describe, expect, it } from '@jest/globals';
import { VmId, VmName } from '@golem-provider/contracts';
import { runningVm } from '../testing/vm-records.ts';
import { formatCursor } from '../http/page-cursor.ts';
import { pageOf } from './vm-list.ts';

const VMS = [
  runningVm(1),
  runningVm(2, { status: 'stopped' }),
  runningVm(3, { name: VmName.parse('other') }),
  // Made in the same millisecond.
  runningVm(4, { id: VmId.parse('golem-b-20260101-120004') }),
  runningVm(4, { id: VmId.parse('golem-a-20260101-120004') }),
];
const SORTED = ['golem-web-20260101-120001', 'golem-web-20260101-120002', 'golem-web-20260101-120003'].concat([
  'golem-a-20260101-120004',
  'golem-b-20260101-120004',
]);

describe('pageOf', () => {
  it.each([1, 2, 3, 4, 5, 6])('shows every VM once in pages of %d', (limit) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = pageOf(VMS, { limit, cursor });
      seen.push(...page.vms.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);

    expect(seen).toEqual(SORTED);
  });

  it('goes on behind a VM that is gone', () => {
    const [first, second, ...rest] = VMS;
    const { created_at, id } = second ?? runningVm(0);
    const cursor = formatCursor([created_at, id]);
    const remaining = first === undefined ? rest : [first, ...rest];

    expect(pageOf(remaining, { cursor }).vms.map(({ id }) => id)).toEqual(SORTED.slice(2));
  });

  it('filters by status and name', () => {
    expect(pageOf(VMS, { status: 'stopped' }).vms).toHaveLength(1);
    expect(pageOf(VMS, { name: VmName.parse('other') }).vms).toHaveLength(1);
    expect(pageOf(VMS, { name: VmName.parse('other'), status: 'stopped' })).toEqual({ vms: [], next: undefined });
  });

  it('refuses a cursor that is none', () => {
    expect(() => pageOf(VMS, { cursor: 'x' })).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });
});

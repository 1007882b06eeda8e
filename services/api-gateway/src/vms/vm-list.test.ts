import { describe, expect, it } from '@jest/globals';
import { VmId, VmName } from '@golem-provider/contracts';
import { runningVm } from '../testing/vm-records.ts';
import { formatCursor, nextLink, pageOf } from './vm-list.ts';

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
    const cursor = formatCursor(second ?? runningVm(0));
    const remaining = first === undefined ? rest : [first, ...rest];

    expect(pageOf(remaining, { cursor }).vms.map(({ id }) => id)).toEqual(SORTED.slice(2));
  });

  it('filters by status and name', () => {
    expect(pageOf(VMS, { status: 'stopped' }).vms).toHaveLength(1);
    expect(pageOf(VMS, { name: VmName.parse('other') }).vms).toHaveLength(1);
    expect(pageOf(VMS, { name: VmName.parse('other'), status: 'stopped' })).toEqual({ vms: [], next: undefined });
  });

  it.each(['', 'x', '!!', Buffer.from('a b').toString('base64url'), Buffer.from('2026 x y').toString('base64url')])(
    'refuses the cursor %j',
    (cursor) => {
      expect(() => pageOf(VMS, { cursor })).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    },
  );
});

describe('nextLink', () => {
  it.each([
    ['/api/v1/vms?limit=2', '</api/v1/vms?limit=2&cursor=abc>; rel="next"'],
    ['/api/v1/vms?cursor=old&limit=2&name=web', '</api/v1/vms?cursor=abc&limit=2&name=web>; rel="next"'],
    ['/api/v1/vms?x=%3E%22', '</api/v1/vms?x=%3E%22&cursor=abc>; rel="next"'],
  ])('of %s is %s', (url, link) => {
    expect(nextLink(url, 'abc')).toBe(link);
  });
});

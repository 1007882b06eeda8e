import { describe, expect, it } from '@jest/globals';
import { OperationId, VmId } from '@golem-provider/contracts';
import { comparePositions, formatCursor, pageHeaders, parseCursor } from './page-cursor.ts';

const VM = VmId.parse('golem-web-20260101-120000');
const TIME = '2026-01-01T12:00:00.000Z';

describe('a cursor', () => {
  it('leads back to its place', () => {
    expect(parseCursor(formatCursor([TIME, VM]), VmId)).toEqual([TIME, VM]);
  });
  it.each(['', 'x', '!!', Buffer.from('a b').toString('base64url'), Buffer.from('2026 x y').toString('base64url')])(
    'is refused where it is %j',
    (cursor) => {
      expect(() => parseCursor(cursor, VmId)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    },
  );
  it('of one list is none of another', () => {
    expect(() => parseCursor(formatCursor([TIME, VM]), OperationId)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }),
    );
  });
});

describe('comparePositions', () => {
  it.each([
    [['2026-01-01T12:00:00.000Z', 'b'], ['2026-01-01T12:00:00.001Z', 'a'], -1],
    [['2026-01-01T12:00:00.001Z', 'a'], ['2026-01-01T12:00:00.000Z', 'b'], 1],
    [['2026-01-01T12:00:00.000Z', 'a'], ['2026-01-01T12:00:00.000Z', 'b'], -1],
    [['2026-01-01T12:00:00.000Z', 'b'], ['2026-01-01T12:00:00.000Z', 'a'], 1],
    [['2026-01-01T12:00:00.000Z', 'a'], ['2026-01-01T12:00:00.000Z', 'a'], 0],
  ] as const)('of %j and %j is %d', (a, b, order) => {
    expect(comparePositions<string>(a, b)).toBe(order);
  });
});

describe('pageHeaders', () => {
  it.each([
    ['/api/v1/vms?limit=2', '</api/v1/vms?limit=2&cursor=abc>; rel="next"'],
    ['/api/v1/vms?cursor=old&limit=2&name=web', '</api/v1/vms?cursor=abc&limit=2&name=web>; rel="next"'],
    ['/api/v1/vms?x=%3E%22', '</api/v1/vms?x=%3E%22&cursor=abc>; rel="next"'],
  ])('of %s lead to %s', (url, link) => {
    expect(pageHeaders(url, 'abc')).toEqual({ Link: link });
  });
  it('of the last page lead nowhere', () => {
    expect(pageHeaders('/api/v1/vms', undefined)).toEqual({});
  });
});

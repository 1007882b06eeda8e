import { describe, expect, it } from '@jest/globals';
import { requestClass } from './rate-limit.ts';

describe('requestClass', () => {
  it.each([
    ['GET', '/api/v1/vms', 'reads'],
    ['HEAD', '/api/v1/vms', 'reads'],
    ['POST', '/api/v1/vms', 'creations'],
    ['POST', '/api/v1/vms/', 'creations'],
    ['POST', '/api/v1/vms/golem-web-20260101-120000/stop', 'changes'],
    ['DELETE', '/api/v1/vms/golem-web-20260101-120000', 'changes'],
  ])('%s %s: %s', (method, path, expected) => {
    expect(requestClass(method, path)).toBe(expected);
  });
});

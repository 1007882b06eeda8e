import { describe, expect, it } from '@jest/globals';
import { allowHeader, expressPath } from './mount-endpoints.ts';

describe('expressPath', () => {
  it.each([
    ['/vms', '/vms'],
    ['/vms/{id}/access', '/vms/:id/access'],
    ['/vms/jobs/{job_id}', '/vms/jobs/:job_id'],
  ])('writes %s as %s', (path, expected) => {
    expect(expressPath(path)).toBe(expected);
  });
});

describe('allowHeader', () => {
  it('names HEAD beside GET', () => {
    expect(allowHeader(['post', 'get'])).toBe('POST, GET, HEAD');
  });
});

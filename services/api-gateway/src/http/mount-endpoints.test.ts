import { describe, expect, it } from '@jest/globals';
import { allowHeader, expressPath, orderPaths } from './mount-endpoints.ts';

describe('expressPath', () => {
  it.each([
    ['/vms', '/vms'],
    ['/vms/{id}/access', '/vms/:id/access'],
    ['/vms/jobs/{job_id}', '/vms/jobs/:job_id'],
  ])('writes %s as %s', (path, expected) => {
    expect(expressPath(path)).toBe(expected);
  });
});

describe('orderPaths', () => {
  it('tries a fixed path before one with a parameter in the same place, and each once', () => {
    const paths = ['/vms/{id}', '/vms/{id}/access', '/vms', '/vms/jobs/{job_id}', '/vms/{id}', '/vms/jobs'];
    expect(orderPaths(paths)).toEqual(['/vms', '/vms/jobs', '/vms/{id}', '/vms/jobs/{job_id}', '/vms/{id}/access']);
  });
});

describe('allowHeader', () => {
  it('names HEAD beside GET', () => {
    expect(allowHeader(['post', 'get'])).toBe('POST, GET, HEAD');
  });
});

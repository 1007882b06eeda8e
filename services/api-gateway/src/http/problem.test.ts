import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, ErrorCode, errorCodeEntry, Problem } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { problemType, retryAfter, toProblem } from './problem.ts';

describe('toProblem', () => {
  it.each(ErrorCode.options)('makes a problem document of %s', (code) => {
    const problem = toProblem(new AppError(code, 'doing /secret/things'), '/api/v1/vms', 'request-1');

    expect(Problem.strict().parse(problem)).toEqual(problem);
    expect(problem).toMatchObject({ code, status: ERROR_CODES[code].status, request_id: 'request-1' });
    expect(problem.type).toMatch(/^urn:golem-provider:error:[a-z-]+$/);
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it('says what is meant for requestors', () => {
    const error = new AppError('HYPERVISOR_FAILED', 'launching', { publicDetail: 'launch failed: timed out' });
    expect(toProblem(error, '/', 'x').detail).toBe('launch failed: timed out');
  });

  it('says nothing of a defect of ours', () => {
    const error = new AppError('INTERNAL', 'x', { publicDetail: 'TypeError at line 5', cause: new Error('y') });
    expect(toProblem(error, '/', 'x').detail).toBe(errorCodeEntry('INTERNAL').remedy);
  });

  it('lists the invalid fields', () => {
    const fields = [{ pointer: '/name', detail: 'is required' }];
    expect(toProblem(new AppError('INVALID_REQUEST', 'x', { fields }), '/', 'x').errors).toEqual(fields);
  });
});

describe('problemType', () => {
  it('names the code', () => {
    expect(problemType('VM_NOT_FOUND')).toBe('urn:golem-provider:error:vm-not-found');
  });
});

describe('retryAfter', () => {
  it.each([
    [new AppError('MAX_VMS_REACHED', 'x', { retryAfterSeconds: 7 }), 7],
    [new AppError('STORE_UNAVAILABLE', 'x'), 30],
    [new AppError('RATE_LIMITED', 'x'), 30],
    [new AppError('HYPERVISOR_FAILED', 'x', { retryAfterSeconds: 7 }), undefined],
    [new AppError('VM_NOT_FOUND', 'x'), undefined],
  ])('of %s is %s', (error, seconds) => {
    expect(retryAfter(error)).toBe(seconds);
  });
});

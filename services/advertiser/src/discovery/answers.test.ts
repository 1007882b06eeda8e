import { describe, expect, it } from '@jest/globals';
import { explainFailure, parseRetryAfter, refusalWords } from './answers.ts';
import type { RequestOutcome } from './bounded-request.ts';

const answer = (status: number, body: unknown = '', retryAfter?: string): RequestOutcome => ({
  kind: 'answer',
  status,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  retryAfter,
});

describe('explainFailure', () => {
  it.each<[RequestOutcome, string, number | undefined]>([
    [{ kind: 'timeout' }, 'did not answer within 10 s', undefined],
    [{ kind: 'too_large' }, 'gave an answer that is too long', undefined],
    [{ kind: 'unreachable', code: 'ECONNREFUSED' }, 'is not reachable (ECONNREFUSED)', undefined],
    [answer(302), 'answered with a redirect (HTTP 302)', undefined],
    [answer(204), 'gave an answer that is not understood (HTTP 204)', undefined],
    [answer(429, { code: 'RATE_001' }), 'asks to wait (too many requests)', 60_000],
    [answer(429, '', '7'), 'asks to wait (too many requests)', 7000],
    [answer(500, '<html>'), 'failed (HTTP 500)', undefined],
    [answer(503, '', '30'), 'failed (HTTP 503)', 30_000],
    [answer(404, { detail: 'Not Found' }), 'refused (HTTP 404)', undefined],
    [
      answer(401, { detail: { code: 'AUTH_003', message: 'No\n header' } }),
      'refused (HTTP 401, AUTH_003: No header)',
      undefined,
    ],
    [
      answer(422, { detail: [{ loc: ['body', 'country'], msg: 'too short', type: 'x' }] }),
      'refused (HTTP 422, body.country: too short)',
      undefined,
    ],
  ])('of %j says that the service %s', (outcome, words, retryAfterMs) => {
    expect(explainFailure(outcome, 10_000)).toEqual({ reason: `The discovery service ${words}.`, retryAfterMs });
  });
});

describe('refusalWords', () => {
  it('keeps to one line of bounded length, whatever the service writes', () => {
    const words = refusalWords(
      JSON.stringify({ detail: { code: 'X', message: `\u001b[31m\n${'long '.repeat(999)}` } }),
    );
    expect(words).toMatch(/^X: \[31m long/);
    expect(words).toHaveLength(201);
  });
});

describe('parseRetryAfter', () => {
  it.each([
    ['0', 0],
    ['60', 60_000],
    ['99999999', 300_000],
    ['-1', undefined],
    ['soon', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [undefined, undefined],
  ])('reads %j as %j ms', (header, ms) => {
    expect(parseRetryAfter(header)).toBe(ms);
  });
});

import { z } from 'zod';
import { ErrorCode } from './error-codes.ts';

/** One invalid field. */
export const FieldProblem = z
  .object({
    pointer: z.string().describe('JSON pointer (RFC 6901) into the body, or the name of a query parameter or header.'),
    detail: z.string(),
  })
  .meta({ id: 'FieldProblem', description: 'One invalid field.' });
export type FieldProblem = z.infer<typeof FieldProblem>;

/** Media type of every error body. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The body of every answer with a status of 400 or more (RFC 9457). */
export const Problem = z
  .object({
    type: z.string().describe('URI of the kind of problem.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('The path of the request.'),
    code: ErrorCode,
    request_id: z.string().optional(),
    errors: z.array(FieldProblem).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'An error (RFC 9457).',
    example: {
      type: 'urn:golem-provider:error:invalid-request',
      title: 'The request has invalid fields',
      status: 422,
      detail: 'The request has invalid fields.',
      instance: '/api/v1/vms',
      code: 'INVALID_REQUEST',
      request_id: '0c0d7a4e-3a55-4a0f-9f0a-8f3f4c1f8c55',
      errors: [{ pointer: '/name', detail: 'must have at least 3 characters' }],
    },
  });
export type Problem = z.infer<typeof Problem>;

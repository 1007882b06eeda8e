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
  .meta({ id: 'Problem', description: 'An error (RFC 9457).' });
export type Problem = z.infer<typeof Problem>;

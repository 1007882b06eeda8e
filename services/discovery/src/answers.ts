import type { z } from 'zod';

/** One entry of a 422 answer. */
export interface InvalidField {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** An answer that is no success: its status and its body. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`refused with ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
  }
}

/** `{detail: {code, message}}`. */
export function refusal(status: number, code: string, message: string): Refusal {
  return new Refusal(status, { detail: { code, message } });
}

/** `{detail: [{loc, msg, type}]}`. */
export function invalid(detail: readonly InvalidField[]): Refusal {
  return new Refusal(422, { detail });
}

/** A required header that is missing. */
export function missingHeader(name: string): InvalidField {
  return { loc: ['header', name], msg: 'Field required', type: 'missing' };
}

/** A moment as the service writes it: UTC with microseconds and without a zone. */
export function zonelessTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000');
}

type Issue = z.core.$ZodIssue;

function typeWords(issue: Extract<Issue, { code: 'invalid_type' }>): [type: string, msg: string] {
  if (issue.input === undefined) return ['missing', 'Field required'];
  if (issue.expected === 'string') return ['string_type', 'Input should be a valid string'];
  if (issue.expected === 'object') {
    return ['model_attributes_type', 'Input should be a valid dictionary or object to extract fields from'];
  }
  return typeof issue.input === 'number'
    ? ['int_from_float', 'Input should be a valid integer, got a number with a fractional part']
    : ['int_type', 'Input should be a valid integer'];
}

function words(issue: Issue): [type: string, msg: string] {
  if (issue.code === 'invalid_type') return typeWords(issue);
  if (issue.code === 'too_small') {
    return issue.origin === 'string'
      ? ['string_too_short', `String should have at least ${issue.minimum} characters`]
      : ['greater_than_equal', `Input should be greater than or equal to ${issue.minimum}`];
  }
  if (issue.code === 'too_big') return ['string_too_long', `String should have at most ${issue.maximum} characters`];
  if (issue.code === 'invalid_format') {
    return issue.path[0] === 'ip_address'
      ? ['string_pattern_mismatch', String.raw`String should match pattern '^(\d{1,3}\.){3}\d{1,3}$'`]
      : ['int_parsing', 'Input should be a valid integer, unable to parse string as an integer'];
  }
  if (issue.code === 'invalid_value') {
    return ['enum', `Input should be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`];
  }
  return ['value_error', issue.message];
}

/** What is wrong with a value, in the service's words. The value must have been parsed with `reportInput`. */
export function invalidFields(where: 'body' | 'query', issues: readonly Issue[]): InvalidField[] {
  return issues.map((issue) => {
    const [type, msg] = words(issue);
    return { loc: [where, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))], msg, type };
  });
}

import type { FieldProblem } from '@golem-provider/contracts';
import type { z } from 'zod';

/** A body of nothing but unknown fields must not be answered with as many lines. */
const MAX_FIELDS = 50;
/** Names of fields come from the request; no more than this of one is repeated. */
const MAX_NAME_LENGTH = 100;

type Issue = z.core.$ZodIssue;

/** A JSON pointer (RFC 6901) to a place in a document. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path
    .map((key) => String(key).slice(0, MAX_NAME_LENGTH).replaceAll('~', '~0').replaceAll('/', '~1'))
    .map((key) => `/${key}`)
    .join('');
}

function detailOf(issue: Issue): string {
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return isMissing ? 'is required' : issue.message;
}

/** One or more places that an issue is about: unknown fields are reported together at their parent. */
function places(issue: Issue): { path: PropertyKey[]; detail: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], detail: 'is not a known field' }));
  }
  return [{ path: issue.path, detail: detailOf(issue) }];
}

/**
 * The invalid fields of a request `{params?, query?, headers?, body?}`, one entry for each: a JSON pointer into the body,
 * or the name of the query parameter or header.
 */
export function fieldProblems(issues: readonly Issue[]): FieldProblem[] {
  const details = new Map<string, string[]>();
  for (const { path, detail } of issues.flatMap(places)) {
    const [part, ...rest] = path;
    const pointer = part === 'body' ? jsonPointer(rest) : rest.map(String).join('.');
    details.set(pointer, [...(details.get(pointer) ?? []), detail]);
  }
  return [...details]
    .slice(0, MAX_FIELDS)
    .map(([pointer, texts]) => ({ pointer, detail: [...new Set(texts)].join('; ') }));
}

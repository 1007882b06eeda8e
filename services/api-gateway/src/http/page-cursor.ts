import { Timestamp } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { z } from 'zod';

/** A place in a list that is ordered by time, and by id within a moment. */
export type Position<Id extends string> = readonly [createdAt: Timestamp, id: Id];

/** Negative where `a` is the older, positive where it is the younger; 0 for the same place. */
export function comparePositions<Id extends string>([aTime, aId]: Position<Id>, [bTime, bId]: Position<Id>): number {
  if (aTime !== bTime) return aTime < bTime ? -1 : 1;
  if (aId === bId) return 0;
  return aId < bId ? -1 : 1;
}

/** Writes the place after which a page begins. Opaque to requestors. */
export function formatCursor<Id extends string>(position: Position<Id>): string {
  return Buffer.from(position.join(' ')).toString('base64url');
}

/**
 * Reads a cursor of a list whose ids are of a schema.
 *
 * @throws AppError `INVALID_REQUEST` for a cursor that is none.
 */
export function parseCursor<Id extends z.ZodType<string>>(cursor: string, id: Id): Position<z.output<Id>> {
  const [first, second, ...others] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const createdAt = Timestamp.safeParse(first);
  const itsId = id.safeParse(second);
  if (createdAt.success && itsId.success && others.length === 0) return [createdAt.data, itsId.data];
  throw new AppError('INVALID_REQUEST', 'reading a cursor', {
    fields: [{ pointer: 'cursor', detail: 'must come from the Link header of another page' }],
  });
}

/** The headers of a page: the way to the next one where there is one, by the same path and query with another cursor. */
export function pageHeaders(url: string, next: string | undefined): { readonly Link?: string } {
  if (next === undefined) return {};
  // The base is needed to parse a relative reference and does not show in what is made of it.
  const target = new URL(url, 'http://localhost');
  target.searchParams.set('cursor', next);
  return { Link: `<${target.pathname}${target.search}>; rel="next"` };
}

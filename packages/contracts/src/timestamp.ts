import { z } from 'zod';

/** A moment, RFC 3339 in UTC with milliseconds: `2026-01-01T12:00:00.000Z`. */
export const Timestamp = z.iso
  .datetime()
  .meta({ id: 'Timestamp', description: 'RFC 3339, UTC.', example: '2026-01-01T12:00:00.000Z' });
export type Timestamp = z.infer<typeof Timestamp>;

/** Formats a moment given in milliseconds since 1970. */
export function toTimestamp(epochMs: number): Timestamp {
  return new Date(epochMs).toISOString();
}

import { z } from 'zod';
import { Timestamp } from './timestamp.ts';

/** What is kept while the operator lets no new VM in. */
export const DrainRecord = z.object({ since: Timestamp });
export type DrainRecord = z.infer<typeof DrainRecord>;

/** The answer of `POST /provider/drain` and `POST /provider/undrain`. */
export const DrainState = z
  .object({
    draining: z.boolean().describe('Whether new VMs are refused because the operator said so.'),
    since: Timestamp.nullable().describe('Since when; null while new VMs are taken.'),
  })
  .meta({ id: 'DrainState', description: 'Whether the operator lets new VMs in.' });
export type DrainState = z.infer<typeof DrainState>;

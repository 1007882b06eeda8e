import { z } from 'zod';

/** What a look at one prerequisite of this host found. */
export const Finding = z.object({
  /** What was looked at, such as `hypervisor`. */
  name: z.string(),
  /** `warning`: it works, but not as well as it could. `problem`: the provider cannot do its work. */
  verdict: z.enum(['ok', 'warning', 'problem']),
  detail: z.string(),
  /** What the operator can do about it; null where all is well. */
  remedy: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;

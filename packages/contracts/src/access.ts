import { z } from 'zod';

/**
 * Who may use a route. `public`: anyone. `owner`: whoever owns the VM or job in question; a list shows an owner its own.
 * `creator`: who may create VMs. `operator`: who runs this host.
 */
export type RouteAccess = 'public' | 'owner' | 'creator' | 'operator';

/** Who owns a VM: the SHA-256 of the token that answers for it, in hexadecimal. The token itself is kept nowhere. */
export const OwnerId = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'OwnerId'>();
export type OwnerId = z.infer<typeof OwnerId>;

/** The owner as records and events hold it; null: the operator alone. */
export const Owner = OwnerId.nullable().default(null);

/**
 * Numeric uids under which QEMU runs guests, one for each. A program of such a uid is a guest, whatever address it calls
 * from.
 */
export const GUEST_UIDS = { first: 1_900_000_000, last: 1_999_999_999 } as const;

import type { IncomingMessage } from 'node:http';
import type { OwnerId } from '@golem-provider/contracts';

/** In whose name a request comes. */
export type Principal =
  | { readonly kind: 'operator' }
  | { readonly kind: 'owner'; readonly owner: OwnerId }
  /** Holds an API key, whose digest this is. */
  | { readonly kind: 'creator'; readonly key: string }
  /** Sent no token, or one that nobody gave out. */
  | { readonly kind: 'anonymous'; readonly hasWrongToken: boolean };

/** Who sends a request. */
export interface Caller {
  readonly principal: Principal;
  /** The client's address. */
  readonly address: string;
  /** What counts as one client, for limits. */
  readonly client: string;
  /** Whether what belongs to this owner (null: to the operator alone) is there for the caller. */
  sees(owner: OwnerId | null): boolean;
}

const CALLER = Symbol('caller');

declare module 'node:http' {
  interface IncomingMessage {
    [CALLER]?: Caller;
  }
}

/** Notes who sends a request. */
export function setCaller(request: IncomingMessage, caller: Caller): void {
  request[CALLER] = caller;
}

/** Who sends a request; every request that reaches a route has been looked at. */
export function callerOf(request: IncomingMessage): Caller {
  const caller = request[CALLER];
  if (caller === undefined) throw new Error('a request was not looked at');
  return caller;
}

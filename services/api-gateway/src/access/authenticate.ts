import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Settings } from '@golem-provider/contracts';
import type { RequestHandler } from 'express';
import { type Principal, setCaller } from './caller.ts';
import { clientKey, type FindOrigin } from './client-address.ts';
import { isCrossSite, isHostItself } from './host-itself.ts';
import type { OwnerTokens } from './owner-tokens.ts';
import type { SecretSet } from './secrets.ts';

/** By what callers are told apart. */
export interface AuthenticateDeps {
  readonly mode: Settings['AUTH'];
  readonly findOrigin: FindOrigin;
  readonly isGuest: (socket: Socket) => Promise<boolean>;
  readonly operatorToken: SecretSet;
  readonly apiKeys: SecretSet;
  readonly ownerTokens: OwnerTokens;
}

const NO_TOKEN: Principal = { kind: 'anonymous', hasWrongToken: false };
const WRONG_TOKEN: Principal = { kind: 'anonymous', hasWrongToken: true };

/** The password of a `Basic` header, which browsers can send where they cannot send a token; its user is ignored. */
function basicPassword(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}

function byToken({ headers }: IncomingMessage, deps: AuthenticateDeps): Principal | undefined {
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+) *$/.exec(headers.authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      // A browser repeats a password by itself, also for a page of another site.
      if (isCrossSite(headers)) return WRONG_TOKEN;
      return deps.operatorToken.match(basicPassword(credentials)) === undefined ? WRONG_TOKEN : { kind: 'operator' };
    case 'bearer': {
      if (deps.operatorToken.match(credentials) !== undefined) return { kind: 'operator' };
      const owner = deps.ownerTokens.ownerOf(credentials);
      if (owner !== undefined) return { kind: 'owner', owner };
      const key = deps.apiKeys.match(credentials);
      return key === undefined ? WRONG_TOKEN : { kind: 'creator', key };
    }
    default:
      return headers.authorization === undefined ? undefined : WRONG_TOKEN;
  }
}

/** Finds out who sends each request; refuses none. A token counts before the address. */
export function authenticate(deps: AuthenticateDeps): RequestHandler {
  const principalOf = async (request: IncomingMessage, isLocal: boolean): Promise<Principal> => {
    const named = byToken(request, deps);
    if (named !== undefined) return named;
    if (deps.mode === 'token' || !isLocal || (await deps.isGuest(request.socket))) return NO_TOKEN;
    return { kind: 'operator' };
  };
  return async (request, _response, next) => {
    const origin = deps.findOrigin(request);
    const principal = await principalOf(request, isHostItself(origin, request.headers));
    setCaller(request, {
      principal,
      address: origin.client,
      client: clientKey(origin.client),
      sees(owner) {
        if (principal.kind === 'operator' || deps.mode === 'open') return true;
        return principal.kind === 'owner' && principal.owner === owner;
      },
    });
    next();
  };
}

import type { ServerResponse } from 'node:http';
import type { RouteAccess, Settings } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import type { Caller, Principal } from './caller.ts';

/** What decides beside the caller. */
export interface AccessRules {
  readonly mode: Settings['AUTH'];
  /** Whether creating VMs takes an API key. */
  readonly needsApiKey: boolean;
}

type Verdict = 'allow' | 'authenticate' | 'forbid';

/** Who may do what, as `docs/security.md` tells it. Pure. */
export function judgeAccess(access: RouteAccess, { kind, ...principal }: Principal, rules: AccessRules): Verdict {
  if (access === 'public' || kind === 'operator') return 'allow';
  const isAnonymous = kind === 'anonymous';
  switch (access) {
    case 'operator':
      return isAnonymous ? 'authenticate' : 'forbid';
    case 'owner':
      if (rules.mode === 'open' || kind === 'owner') return 'allow';
      return isAnonymous ? 'authenticate' : 'forbid';
    case 'creator':
      if (rules.mode === 'open' || kind === 'creator') return 'allow';
      if (rules.needsApiKey) return isAnonymous ? 'authenticate' : 'forbid';
      return 'hasWrongToken' in principal && principal.hasWrongToken ? 'authenticate' : 'allow';
  }
}

const FORBIDDEN_DETAILS = {
  operator: 'This is for the operator: call from the host itself or send the operator token.',
  owner: 'An API key creates VMs; what was created answers to the owner_token of its creation.',
  creator: 'Creating VMs takes an API key here, not the token of an owner.',
} as const satisfies Record<Exclude<RouteAccess, 'public'>, string>;

/**
 * Lets a caller pass, or names the way to be let in.
 *
 * @throws AppError `UNAUTHORIZED`, `FORBIDDEN`
 */
export function authorize(access: RouteAccess, caller: Caller, rules: AccessRules, response: ServerResponse): void {
  const { principal } = caller;
  switch (judgeAccess(access, principal, rules)) {
    case 'allow':
      return;
    case 'authenticate': {
      const hasWrongToken = principal.kind === 'anonymous' && principal.hasWrongToken;
      const error = hasWrongToken ? ', error="invalid_token"' : '';
      const challenges = [`Bearer realm="golem-provider"${error}`];
      if (access === 'operator') challenges.push('Basic realm="golem-provider"');
      response.setHeader('WWW-Authenticate', challenges);
      throw new AppError('UNAUTHORIZED', `a caller ${hasWrongToken ? 'with a wrong token' : 'without a token'}`);
    }
    case 'forbid':
      if (access === 'public') return;
      throw new AppError('FORBIDDEN', `a caller of kind ${principal.kind}`, {
        publicDetail: FORBIDDEN_DETAILS[access],
      });
  }
}

import { networkInterfaces } from 'node:os';
import type { Settings } from '@golem-provider/contracts';
import { type Component, type Logger, periodic } from '@golem-provider/service-kit';
import type { SendRequest } from '../discovery/bounded-request.ts';
import type { AddressCache } from './address-cache.ts';
import { countVotes, ownAddress, parsePublicAddress, type Vote } from './address-vote.ts';

/** Public services that answer with the address they were called from, and nothing else. */
export const ADDRESS_SERVICES: readonly string[] = [
  'https://api.ipify.org',
  'https://ifconfig.me/ip',
  'https://checkip.amazonaws.com',
];

const LOOKUP_DEADLINE_MS = 5000;
const REFRESH_MS = 60 * 60 * 1000;
/** After a lookup that found nothing. */
const RETRY_MS = 60 * 1000;

/** An address of this host, and where it is known from: the settings, services that see it, or the machine itself. */
export interface HostAddress {
  readonly address: string;
  readonly origin: 'configured' | 'detected' | 'own';
}

/** The address at which requestors reach this host. */
export interface PublicAddress extends Component {
  /** Null until the first lookup has ended, which takes some seconds at most. */
  current(): HostAddress | null;
}

/** What a lookup works with. */
export interface PublicAddressDeps {
  /** A literal address is used as it is. */
  readonly setting: Settings['PUBLIC_IP'];
  readonly services: readonly string[];
  readonly send: SendRequest;
  readonly cache: AddressCache;
  readonly logger: Logger;
  readonly refreshMs?: number;
  readonly retryMs?: number;
}

/**
 * The address that the settings name, or the one that public services see, asked now and then. While they name none, the
 * one they named last is used, also by an earlier start, or else the machine's own.
 */
export function createPublicAddress(deps: PublicAddressDeps): PublicAddress {
  const { setting, services, send, cache, logger, refreshMs = REFRESH_MS, retryMs = RETRY_MS } = deps;
  if (setting !== 'auto') {
    return {
      name: 'public address',
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      current: () => ({ address: setting, origin: 'configured' }),
    };
  }
  let found: string | undefined;
  let current: HostAddress | null = null;
  let lastVote: Vote = { kind: 'none' };

  const ask = async (url: string, signal: AbortSignal): Promise<string | undefined> => {
    const outcome = await send(
      {
        method: 'GET',
        url: new URL(url),
        headers: { Accept: 'text/plain' },
        deadlineMs: LOOKUP_DEADLINE_MS,
        // Through a proxy they would see the proxy.
        mayUseProxy: false,
      },
      signal,
    );
    return outcome.kind === 'answer' && outcome.status === 200 ? parsePublicAddress(outcome.text) : undefined;
  };

  /** A service that alone names an address has to say it twice before it is believed against what was known. */
  const believe = (vote: Vote): string | undefined => {
    switch (vote.kind) {
      case 'agreed':
        return vote.address;
      case 'single':
        return found === undefined || (lastVote.kind === 'single' && lastVote.address === vote.address)
          ? vote.address
          : undefined;
      case 'none':
        return undefined;
    }
  };

  const lookUp = async (signal: AbortSignal): Promise<void> => {
    if (current === null) found = await cache.read();
    const vote = countVotes(await Promise.all(services.map((service) => ask(service, signal))));
    const believed = believe(vote);
    lastVote = vote;
    if (believed !== undefined && believed !== found) await cache.write(believed);
    found = believed ?? found;
    const address = found ?? ownAddress(networkInterfaces());
    if (address !== current?.address) {
      if (found === undefined) logger.warn({ address }, 'no public address was found; using one of this machine');
      else if (believed === undefined)
        logger.warn({ address }, 'nobody tells the public address; using the last known');
      else logger.info({ address, before: current?.address ?? null }, 'found the public address');
    }
    current = { address, origin: found === undefined ? 'own' : 'detected' };
  };

  const lookups = periodic({
    name: 'public address',
    intervalMs: () => (lastVote.kind === 'agreed' ? refreshMs : retryMs),
    logger,
    run: lookUp,
  });
  return { ...lookups, current: () => current };
}

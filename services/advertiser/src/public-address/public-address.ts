import { networkInterfaces } from 'node:os';
import type { Settings } from '@golem-provider/contracts';
import { type Component, type Logger, periodic } from '@golem-provider/service-kit';
import type { SendRequest } from '../discovery/bounded-request.ts';
import { agreedAddress, ownAddress, parsePublicAddress } from './address-vote.ts';

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

/** The address at which requestors reach this host. */
export interface PublicAddress extends Component {
  /** Null until the first lookup has ended, which takes some seconds at most. */
  current(): string | null;
}

/** What a lookup works with. */
export interface PublicAddressDeps {
  /** A literal address is used as it is. */
  readonly setting: Settings['PUBLIC_IP'];
  readonly services: readonly string[];
  readonly send: SendRequest;
  readonly logger: Logger;
  readonly refreshMs?: number;
  readonly retryMs?: number;
}

/**
 * The address that the settings name, or the one that public services see, asked now and then. While they name none, the
 * one they named last is used, or else the machine's own.
 */
export function createPublicAddress(deps: PublicAddressDeps): PublicAddress {
  const { setting, services, send, logger, refreshMs = REFRESH_MS, retryMs = RETRY_MS } = deps;
  if (setting !== 'auto') {
    return {
      name: 'public address',
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      current: () => setting,
    };
  }
  let found: string | undefined;
  let current: string | null = null;
  let hasFailed = false;

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

  const lookUp = async (signal: AbortSignal): Promise<void> => {
    const agreed = agreedAddress(await Promise.all(services.map((service) => ask(service, signal))));
    found = agreed ?? found;
    const next = found ?? ownAddress(networkInterfaces());
    if (next !== current) {
      if (found === undefined) logger.warn({ address: next }, 'no public address was found; using one of this machine');
      else logger.info({ address: next }, 'found the public address');
    }
    current = next;
    hasFailed = agreed === undefined;
  };

  const lookups = periodic({
    name: 'public address',
    intervalMs: () => (hasFailed ? retryMs : refreshMs),
    logger,
    run: lookUp,
  });
  return { ...lookups, current: () => current };
}

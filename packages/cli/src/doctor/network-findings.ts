import type { Finding, ProviderInfo, Settings } from '@golem-provider/contracts';
import { errorChain, withDeadline } from '@golem-provider/service-kit';

const TIMEOUT_MS = 5000;
/** Tokens, signatures and log lines of two machines can still be compared. */
const TOLERABLE_SKEW_MS = 5000;

/** What the discovery service answered. */
export interface DiscoveryAnswer {
  readonly status: number;
  /** Its own time, from the Date header. */
  readonly date: string | null;
}

/** Asks the discovery service whether it is up; a text says why there is no answer. */
export async function askDiscovery(url: string, signal: AbortSignal): Promise<DiscoveryAnswer | string> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/health`, {
      signal: withDeadline(signal, TIMEOUT_MS),
      redirect: 'error',
    });
    await response.body?.cancel();
    return { status: response.status, date: response.headers.get('date') };
  } catch (error) {
    signal.throwIfAborted();
    return errorChain(error);
  }
}

/** Whether the discovery service can be reached. */
export function discoveryFinding(url: string, answer: DiscoveryAnswer | string): Finding {
  const name = 'discovery';
  if (typeof answer !== 'string' && answer.status === 200) {
    return { name, verdict: 'ok', detail: `${url} answers`, remedy: null };
  }
  const why = typeof answer === 'string' ? answer : `status ${answer.status}`;
  return {
    name,
    verdict: 'warning',
    detail: `${url} does not answer as it should (${why}): requestors cannot find this provider`,
    remedy: 'Check GOLEM_PROVIDER_DISCOVERY_URL and the way to that service; VMs are served all the same.',
  };
}

/** Whether the clock of this host agrees with that of the discovery service, to the second that its header has. */
export function clockFinding(answer: DiscoveryAnswer | string, nowMs: number): Finding {
  const name = 'clock';
  const theirs = typeof answer === 'string' || answer.date === null ? Number.NaN : Date.parse(answer.date);
  if (Number.isNaN(theirs)) {
    return {
      name,
      verdict: 'warning',
      detail: 'there is nobody to compare it with, as the discovery service does not answer',
      remedy: 'Make sure that the time is synchronised (`timedatectl`).',
    };
  }
  const skew = Math.abs(nowMs - theirs);
  const detail = `${(skew / 1000).toFixed(0)} s apart from the discovery service`;
  if (skew <= TOLERABLE_SKEW_MS) return { name, verdict: 'ok', detail, remedy: null };
  return { name, verdict: 'problem', detail, remedy: 'Synchronise the time, for instance with systemd-timesyncd.' };
}

const PRIVATE_ADDRESS =
  /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

/** Whether requestors can reach the address that is advertised. */
export function addressFinding(
  setting: Settings['PUBLIC_IP'],
  info: Pick<ProviderInfo, 'ip_address'> | undefined,
): Finding {
  const name = 'address';
  const address = info?.ip_address ?? (setting === 'auto' ? undefined : setting);
  if (address === undefined) {
    return { name, verdict: 'ok', detail: 'it is found out when the provider runs', remedy: null };
  }
  if (!PRIVATE_ADDRESS.test(address)) return { name, verdict: 'ok', detail: address, remedy: null };
  return {
    name,
    verdict: 'warning',
    detail: `${address} is a private address: requestors elsewhere cannot reach it`,
    remedy: 'Set GOLEM_PROVIDER_PUBLIC_IP, and have the router pass on the port of the API and the ssh ports.',
  };
}

import { connect } from 'node:net';
import { isErrorCode, type Logger } from '@golem-provider/service-kit';

const CONNECT_TIMEOUT_MS = 2000;

/**
 * Whether a program listens where a URL points to. Nothing listens only where the connection is refused: what is silent or
 * far away may well be there.
 */
export async function isListening(url: string, timeoutMs = CONNECT_TIMEOUT_MS): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.setTimeout(timeoutMs, () => resolve(true));
      socket.once('connect', () => resolve(true));
      socket.once('error', (error) => resolve(!isRefused(error)));
    });
  } finally {
    socket.destroy();
  }
}

/** A name with several addresses is refused by each of them. */
function isRefused(error: unknown): boolean {
  return error instanceof AggregateError ? error.errors.every(isRefused) : isErrorCode(error, 'ECONNREFUSED');
}

/** Whether a discovery service for development has to be started for `url`; says in the log when it has not. */
export async function isDiscoveryMissing(url: string, logger: Logger): Promise<boolean> {
  if (!(await isListening(url))) return true;
  logger.info({ url }, 'something listens where the discovery service is expected; none is started');
  return false;
}

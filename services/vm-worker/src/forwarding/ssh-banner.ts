import { connect } from 'node:net';
import { AppError, isAppError, isDeadline, pause } from '@golem-provider/service-kit';

const OUR_BANNER = 'SSH-2.0-golem-provider\r\n';
const MAX_BANNER_BYTES = 255;
const DEFAULT_TRY_MS = 5000;
const BANNER = /^(SSH-(?:2\.0|1\.99)-[\x20-\x7e]+)\r?\n/;

/** What accompanies one try. */
export interface SshBannerOptions {
  readonly signal: AbortSignal;
  /** For the whole try, 5 s when left out. */
  readonly timeoutMs?: number;
}

/** What accompanies tries that go on until one succeeds. */
export interface WaitForSshBannerOptions extends SshBannerOptions {
  /** From the end of one try to the start of the next. */
  readonly intervalMs: number;
}

function unreachable(reason: string, cause?: unknown): AppError {
  return new AppError('GUEST_UNREACHABLE', `waiting for the ssh banner: ${reason}`, { cause });
}

/**
 * The identification of the ssh server behind an address, such as `SSH-2.0-OpenSSH_9.2p1`. That it connects proves
 * nothing: user-mode networks accept before the guest listens. The client's own banner is sent first, as some of them
 * deliver nothing to a client that is silent.
 *
 * @throws AppError `GUEST_UNREACHABLE`; the signal's reason when it aborts.
 */
export async function readSshBanner(
  host: string,
  port: number,
  { signal, timeoutMs = DEFAULT_TRY_MS }: SshBannerOptions,
): Promise<string> {
  signal.throwIfAborted();
  const socket = connect({ host, port });
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => socket.destroy(unreachable(`nothing within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await new Promise<string>((resolve, reject) => {
      let received = '';
      socket.setEncoding('latin1');
      socket.once('connect', () => socket.write(OUR_BANNER));
      socket.on('data', (chunk: Buffer | string) => {
        received += chunk.toString();
        const banner = BANNER.exec(received)?.[1];
        if (banner !== undefined && banner.length <= MAX_BANNER_BYTES) resolve(banner);
        else if (received.length >= MAX_BANNER_BYTES) reject(unreachable('what answers does not speak ssh'));
      });
      socket.once('error', (error) => reject(isAppError(error) ? error : unreachable('the connection failed', error)));
      socket.once('close', () => reject(unreachable('the connection was closed')));
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

/**
 * The identification of the ssh server behind an address, as soon as it answers. Tries until the signal aborts.
 *
 * @throws AppError `GUEST_UNREACHABLE` with what the last try met, when the signal was ended by its deadline; otherwise the
 * signal's reason.
 */
export async function waitForSshBanner(host: string, port: number, options: WaitForSshBannerOptions): Promise<string> {
  const { signal, intervalMs } = options;
  let lastFailure: unknown;
  for (;;) {
    try {
      return await readSshBanner(host, port, options);
    } catch (error) {
      if (signal.aborted && isDeadline(signal)) throw unreachable('none before the deadline', lastFailure ?? error);
      if (!isAppError(error)) throw error;
      lastFailure = error;
    }
    try {
      await pause(intervalMs, signal);
    } catch (error) {
      throw isDeadline(signal) ? unreachable('none before the deadline', lastFailure) : error;
    }
  }
}

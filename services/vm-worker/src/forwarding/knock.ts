import { connect } from 'node:net';
import type { SshTarget } from '@golem-provider/contracts';

const KNOCK_TIMEOUT_MS = 1500;

/**
 * Whether something takes TCP connections at an address; false when there is no answer within 1.5 s. The connection is reset
 * at once: an sshd that finds it so says nothing of it in its log, which it does of every connection that is closed.
 */
export async function isListening({ host, port }: SshTarget, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isThere: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.resetAndDestroy();
      resolve(isThere);
    };
    const onAbort = (): void => end(false);
    const timer = setTimeout(onAbort, KNOCK_TIMEOUT_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => end(true));
    socket.once('error', onAbort);
  });
}

import { connect } from 'node:net';
import type { SshTarget } from '@golem-provider/contracts';
import { withDeadline } from '@golem-provider/service-kit';

const KNOCK_TIMEOUT_MS = 1500;

/**
 * Whether something takes TCP connections at an address; false when there is no answer within 1.5 s. The connection is reset
 * at once: an sshd that finds it so says nothing of it in its log, which it does of every connection that is closed.
 */
export async function isListening({ host, port }: SshTarget, outer: AbortSignal): Promise<boolean> {
  outer.throwIfAborted();
  const signal = withDeadline(outer, KNOCK_TIMEOUT_MS);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isThere: boolean): void => {
      signal.removeEventListener('abort', giveUp);
      socket.resetAndDestroy();
      resolve(isThere);
    };
    const giveUp = (): void => end(false);
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('connect', () => end(true));
    socket.once('error', giveUp);
  });
}

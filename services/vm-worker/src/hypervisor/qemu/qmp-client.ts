import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { connect, type Socket } from 'node:net';
import { isErrorCode, withDeadline } from '@golem-provider/service-kit';
import { z } from 'zod';
import { INSTANCE_FILES } from './instance-files.ts';
import { parseQmpLine, type QmpMessage, renderQmpCommand } from './qmp-protocol.ts';

/** `no_socket`: QEMU is not up yet or has ended. `silent`: no answer in time. `broken`: closed, or not the protocol. */
export type QmpFailureReason = 'no_socket' | 'silent' | 'broken' | 'refused';

/** Why QEMU gave no result. */
export class QmpFailure extends Error {
  readonly reason: QmpFailureReason;

  constructor(reason: QmpFailureReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'QmpFailure';
    this.reason = reason;
  }
}

/** An open conversation. */
export interface QmpSession {
  /** The result of one command. Throws `QmpFailure`, also for a result of another form. */
  execute<Schema extends z.ZodType>(
    command: string,
    result: Schema,
    args?: Readonly<Record<string, unknown>>,
  ): Promise<z.infer<Schema>>;
}

/** How a conversation is held. */
export interface QmpOptions {
  /** The directory in which the socket lies. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** For the whole conversation. QEMU serves one at a time, so none may last. */
  readonly timeoutMs: number;
}

const MAX_MESSAGE_CHARACTERS = 1_048_576;

async function* messagesOf(socket: Socket): AsyncGenerator<QmpMessage, undefined> {
  let rest = '';
  for await (const chunk of socket) {
    rest += String(chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_MESSAGE_CHARACTERS) throw new QmpFailure('broken', 'a message has no end');
    for (const line of lines) if (line.trim() !== '') yield parseQmpLine(line);
  }
  return undefined;
}

function sessionOver(socket: Socket, messages: AsyncGenerator<QmpMessage, undefined>): QmpSession {
  return {
    async execute(command, result, args) {
      socket.write(renderQmpCommand(command, args));
      for (;;) {
        const { value: message } = await messages.next();
        if (message === undefined) throw new QmpFailure('broken', `${command}: the connection was closed`);
        if (message.kind === 'error') throw new QmpFailure('refused', `${command}: ${message.description}`);
        if (message.kind === 'return') return result.parse(message.value);
      }
    },
  };
}

function qmpFailure(error: unknown, deadline: AbortSignal): QmpFailure {
  if (error instanceof QmpFailure) return error;
  if (deadline.aborted) return new QmpFailure('silent', 'QEMU did not answer in time', error);
  if (isErrorCode(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ELOOP', 'ENOTDIR'))
    return new QmpFailure('no_socket', 'QEMU serves no socket', error);
  return new QmpFailure('broken', 'talking to QEMU', error);
}

/**
 * Connects to the monitor of a machine, greets, lets `use` talk and closes.
 *
 * @throws the signal's reason when the caller aborted, else `QmpFailure`, or what `use` throws beside.
 */
export async function withQmp<Result>(
  { directory, signal, timeoutMs }: QmpOptions,
  use: (session: QmpSession) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const deadline = withDeadline(signal, timeoutMs);
  let socket: Socket | undefined;
  try {
    // A Unix socket's address has room for 107 characters; that of the open directory is always short.
    const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      const path = `/proc/self/fd/${handle.fd}/${INSTANCE_FILES.qmpSocket}`;
      // The directory is the machine's own: a link in it could lead us to another program's socket.
      if (!(await lstat(path)).isSocket()) throw new QmpFailure('no_socket', 'there is no socket');
      socket = connect(path);
      addAbortSignal(deadline, socket);
      socket.setEncoding('utf8');
      const messages = messagesOf(socket);
      const greeting = await messages.next();
      if (greeting.value?.kind !== 'greeting') throw new QmpFailure('broken', 'QEMU did not greet');
      const session = sessionOver(socket, messages);
      await session.execute('qmp_capabilities', z.unknown());
      return await use(session);
    } finally {
      await handle.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw qmpFailure(error, deadline);
  } finally {
    socket?.destroy();
  }
}

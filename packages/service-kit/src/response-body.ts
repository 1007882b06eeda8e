/** More than any answer that is held in memory has. */
const MAX_TEXT_BYTES = 16 * 1024 ** 2;

/**
 * The body of a fetched response, piece by piece; rejects with the signal's reason as soon as that aborts.
 *
 * Not by the signal given to `fetch` alone: in Node 20 the garbage collector takes the link between that signal and a body that
 * is still being read, and then a deadline or an interruption never comes.
 */
export async function* readChunks(
  { body }: Response,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal.throwIfAborted();
  if (body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  // What cannot be cancelled has failed already, which the next read tells.
  const giveUp = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', giveUp);
    // Whoever stops reading before the end lets go of the connection.
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * The whole body of a fetched response as text.
 *
 * @throws the signal's reason, what broke the connection, or an error when the body has more than `maxBytes`.
 */
export async function readText(response: Response, signal: AbortSignal, maxBytes = MAX_TEXT_BYTES): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of readChunks(response, signal)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

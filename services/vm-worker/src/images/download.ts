import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pause, readChunks } from '@golem-provider/service-kit';

/** How patient downloads are. */
export interface DownloadLimits {
  /** Without a byte for this long, a connection counts as dead. */
  readonly stallMs: number;
  /** How often a connection that broke is taken up again, and the wait before that. */
  readonly retries: number;
  readonly retryPauseMs: number;
  readonly maxBytes: number;
}

/** For images of some GiB over slow lines. */
export const DOWNLOAD_LIMITS: DownloadLimits = {
  stallMs: 30_000,
  retries: 5,
  retryPauseMs: 2000,
  maxBytes: 64 * 1024 ** 3,
};

/** A download failed in a way that another try will not mend. */
class DownloadRefused extends Error {}

/** What is wanted, and how. */
export interface DownloadOptions {
  readonly url: string;
  readonly signal: AbortSignal;
  readonly limits: DownloadLimits;
  /** Refuses to be led from https to http; for what no checksum is known of. */
  readonly mustStaySecure: boolean;
}

interface Connection {
  readonly response: Response;
  /** Aborts with the caller's signal, and when nothing arrives for too long. */
  readonly signal: AbortSignal;
  /** To be called for each piece that arrives. */
  readonly touch: () => void;
  readonly close: () => void;
}

async function connect(
  { url, signal, limits, mustStaySecure }: DownloadOptions,
  headers: Readonly<Record<string, string>>,
): Promise<Connection> {
  const stalled = new AbortController();
  const timer = setTimeout(
    () => stalled.abort(new Error(`nothing arrived from ${new URL(url).host} for ${limits.stallMs} ms`)),
    limits.stallMs,
  );
  const follow = (): void => stalled.abort(signal.reason);
  signal.addEventListener('abort', follow, { once: true });
  const close = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
    stalled.abort(new Error('the connection was closed'));
  };
  try {
    signal.throwIfAborted();
    const response = await fetch(url, { headers, signal: stalled.signal });
    if (mustStaySecure && url.startsWith('https:') && !response.url.startsWith('https:'))
      throw new DownloadRefused(`${url} leads to ${response.url}, which is not secure`);
    return { response, signal: stalled.signal, touch: () => timer.refresh(), close };
  } catch (error) {
    close();
    throw error;
  }
}

function refusal(url: string, status: number): Error {
  const message = `${url} was answered with status ${status}`;
  return status >= 400 && status < 500 && status !== 408 && status !== 429
    ? new DownloadRefused(message)
    : new Error(message);
}

async function withRetries<Result>(
  { signal, limits }: DownloadOptions,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      const isFinal = error instanceof DownloadRefused || (error instanceof Error && 'syscall' in error);
      if (isFinal || failures === limits.retries) throw error;
      await pause(limits.retryPauseMs, signal);
    }
  }
}

async function* bytesOf({ response, signal, touch }: Connection): AsyncGenerator<Uint8Array> {
  for await (const chunk of readChunks(response, signal)) {
    touch();
    yield chunk;
  }
}

/** A small text, such as a list of checksums; at most 4 MiB. */
export function fetchText(options: DownloadOptions): Promise<string> {
  const maxBytes = 4 * 1024 ** 2;
  return withRetries(options, async () => {
    const connection = await connect(options, {});
    try {
      if (!connection.response.ok) throw refusal(options.url, connection.response.status);
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of bytesOf(connection)) {
        text += decoder.decode(chunk, { stream: true });
        if (text.length > maxBytes) throw new DownloadRefused(`${options.url} is longer than ${maxBytes} bytes`);
      }
      return text;
    } finally {
      connection.close();
    }
  });
}

/** Where a response begins in the file: where we asked it to, or at the start if the server sends all of it again. */
function startOf(response: Response, wanted: number): number {
  const from = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return response.status === 206 && from === String(wanted) ? wanted : 0;
}

async function append(
  file: FileHandle,
  position: number,
  connection: Connection,
  onProgress: (percent: number | null) => void,
  maxBytes: number,
): Promise<void> {
  const length = Number(connection.response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isFinite(length) && length > 0 ? position + length : null;
  let written = position;
  let shown = -1;
  await file.truncate(position);
  for await (const chunk of bytesOf(connection)) {
    if (written + chunk.length > maxBytes) throw new DownloadRefused(`it is larger than ${maxBytes} bytes`);
    await file.write(chunk, 0, chunk.length, written);
    written += chunk.length;
    const percent = total === null ? null : Math.min(100, Math.floor((written * 100) / total));
    if (percent !== null && percent !== shown) onProgress(percent);
    shown = percent ?? shown;
  }
  if (total !== null && written !== total) throw new Error(`it ended after ${written} of ${total} bytes`);
}

/**
 * Downloads to `path`. A connection that breaks is taken up where it broke, as long as the server still has the same file.
 *
 * @throws the signal's reason, `DownloadRefused`, the file system's error, or what the last try failed with.
 */
export async function download(
  options: DownloadOptions,
  path: string,
  onProgress: (percent: number | null) => void,
): Promise<void> {
  const file = await open(path, 'w', 0o644);
  try {
    let version: string | null = null;
    await withRetries(options, async () => {
      const { size } = await file.stat();
      // If-Range: the rest if it is still the same file, otherwise all of the new one.
      const headers: Record<string, string> =
        size > 0 && version !== null ? { range: `bytes=${size}-`, 'if-range': version } : {};
      const connection = await connect(options, headers);
      try {
        if (!connection.response.ok) throw refusal(options.url, connection.response.status);
        version = connection.response.headers.get('etag') ?? connection.response.headers.get('last-modified');
        if (version?.startsWith('W/') === true) version = null;
        await append(file, startOf(connection.response, size), connection, onProgress, options.limits.maxBytes);
      } finally {
        connection.close();
      }
    });
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Digest of a file, in hex. */
export async function digestOf(path: string, algorithm: 'sha256' | 'sha512', signal: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 1024 ** 2 })) {
    if (chunk instanceof Buffer) hash.update(chunk);
  }
  return hash.digest('hex');
}

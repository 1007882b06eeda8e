import { withDeadline } from '@golem-provider/service-kit';
import axios, { AxiosError } from 'axios';

/** Answers are small; what is longer is not from whom we think. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** A request as a value. */
export interface BoundedRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent exactly as it is. */
  readonly body?: string;
  readonly deadlineMs: number;
  /** Whether the proxy that the process's environment names (HTTPS_PROXY, NO_PROXY…) may be used. */
  readonly mayUseProxy: boolean;
}

/** What came of a request. No answer is as ordinary an outcome as any. */
export type RequestOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string; readonly retryAfter: string | undefined }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'too_large' }
  /** `code` is a short word such as ECONNREFUSED. */
  | { readonly kind: 'unreachable'; readonly code: string };

/** Sends one request. Rejects only when the signal aborts, with the signal's reason. */
export type SendRequest = (request: BoundedRequest, signal: AbortSignal) => Promise<RequestOutcome>;

/** Over axios: a deadline for the whole exchange, a bounded answer, redirects are answers like any other. */
export const sendRequest: SendRequest = async (request, signal) => {
  signal.throwIfAborted();
  const limited = withDeadline(signal, request.deadlineMs);
  try {
    const { status, data, headers } = await axios.request<string>({
      method: request.method,
      url: request.url.href,
      headers: { Accept: 'application/json', ...request.headers },
      ...(request.body !== undefined && { data: request.body }),
      signal: limited,
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      ...(!request.mayUseProxy && { proxy: false as const }),
      // The text as it came; who asked parses it and says what is wrong with it.
      responseType: 'text',
      transformResponse: [(text: unknown) => text],
      validateStatus: () => true,
    });
    const retryAfter: unknown = headers['retry-after'];
    return { kind: 'answer', status, text: data, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined };
  } catch (error) {
    signal.throwIfAborted();
    if (limited.aborted) return { kind: 'timeout' };
    if (!(error instanceof AxiosError)) throw error;
    if (error.message.startsWith('maxContentLength')) return { kind: 'too_large' };
    return { kind: 'unreachable', code: error.code ?? 'unknown' };
  }
};

import { get, type IncomingMessage } from 'node:http';
import { API_PREFIX, ProviderInfo, Readiness } from '@golem-provider/contracts';
import { errorChain, pause, withDeadline } from '@golem-provider/service-kit';

const POLL_MS = 200;
const REQUEST_TIMEOUT_MS = 5000;
const MAX_ANSWER = 1_000_000;
/** After this a start that is not ready says so as a warning. It goes on: what it waits for may still come. */
const EXPECTED_WITHIN_MS = 60_000;

/** What is told while the API gets ready. */
export interface ReadinessObserver {
  /** What is missing, whenever that changes. */
  onMissing(missing: readonly string[]): void;
  /** It takes longer than it should. */
  onLate(missing: readonly string[], seconds: number): void;
}

/** The names and details of the checks that new VMs depend on and that do not hold. */
export function missingChecks({ checks }: Readiness): string[] {
  return checks.filter(({ ok, required }) => required && !ok).map(({ name, detail }) => `${name}: ${detail}`);
}

/** The answer to a GET; the signal breaks it off at any time. */
function answerTo(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // No connection is kept for later.
    get(url, { agent: false, signal }, resolve).once('error', reject);
  });
}

/** By `node:http`, as the supervisor lives for months after its last question: `fetch` would leave 12 MiB with it. */
async function readJson(
  url: string,
  signal: AbortSignal,
): Promise<{ readonly isOk: boolean; readonly answer: unknown }> {
  const response = await answerTo(url, withDeadline(signal, REQUEST_TIMEOUT_MS));
  let text = '';
  for await (const piece of response.setEncoding('utf8')) {
    text += String(piece);
    if (text.length > MAX_ANSWER) throw new Error(`the answer is longer than ${MAX_ANSWER} characters`);
  }
  return { isOk: response.statusCode === 200, answer: JSON.parse(text) };
}

async function look(baseUrl: string, signal: AbortSignal): Promise<string[]> {
  try {
    const { isOk, answer } = await readJson(`${baseUrl}${API_PREFIX}/ready`, signal);
    const readiness = Readiness.parse(answer);
    return isOk ? [] : missingChecks(readiness);
  } catch (error) {
    signal.throwIfAborted();
    return [`api-gateway: does not answer yet (${errorChain(error)})`];
  }
}

/** Resolves when `GET /ready` answers 200; rejects only with the signal's reason. */
export async function waitUntilReady(
  baseUrl: string,
  observer: ReadinessObserver,
  signal: AbortSignal,
  expectedWithinMs = EXPECTED_WITHIN_MS,
): Promise<void> {
  const began = performance.now();
  let last = '';
  let isLate = false;
  for (;;) {
    const missing = await look(baseUrl, signal);
    if (missing.length === 0) return;
    if (missing.join() !== last) observer.onMissing(missing);
    last = missing.join();
    if (!isLate && performance.now() - began >= expectedWithinMs) {
      isLate = true;
      observer.onLate(missing, expectedWithinMs / 1000);
    }
    await pause(POLL_MS, signal);
  }
}

/** What the provider says of itself. */
export async function readProviderInfo(baseUrl: string, signal: AbortSignal): Promise<ProviderInfo> {
  return ProviderInfo.parse((await readJson(`${baseUrl}${API_PREFIX}/provider/info`, signal)).answer);
}

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';

const BLOCK_INTERVAL_MS = 50;
const DIGESTS_PER_BLOCK = 16;
/** What may be on its way: no more is sent until some of it has come back. */
const MAX_OUTSTANDING_BYTES = 64 * 1024;

/** An ssh session through which bytes go to the guest and back for as long as it is open. */
export interface EchoSession {
  readonly name: string;
  /** How many bytes have come back as they were sent. */
  readonly echoedBytes: number;
  /** What went wrong: it ended by itself, or a byte is lost, doubled or another one. */
  readonly problem: string | undefined;
  /** Ends it once everything is back; resolves with what went wrong at any time. */
  end(): Promise<string | undefined>;
  /** Ends its process, whatever is under way. */
  kill(): void;
}

/** The bytes that are sent: no two blocks of any two sessions are alike, so that a lost one cannot hide. */
function block(name: string, index: number): Buffer {
  const digests = Array.from({ length: DIGESTS_PER_BLOCK }, (_, part) =>
    createHash('sha512').update(`${name} ${index} ${part}`).digest(),
  );
  return Buffer.concat([Buffer.from(`${name} ${index}\n`), ...digests]);
}

/** Opens a session by `ssh` with these arguments up to the command; resolves when the first bytes are back. */
export async function openEchoSession(name: string, sshArguments: readonly string[]): Promise<EchoSession> {
  const child = spawn('ssh', [...sshArguments, 'cat'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const expected: Buffer[] = [];
  let outstanding = 0;
  let index = 0;
  let echoedBytes = 0;
  let problem: string | undefined;
  let isEnding = false;
  let words = '';

  const send = (): void => {
    if (isEnding || problem !== undefined || outstanding >= MAX_OUTSTANDING_BYTES) return;
    const next = block(name, index);
    index += 1;
    expected.push(next);
    outstanding += next.length;
    child.stdin.write(next);
  };
  const compare = (chunk: Buffer): void => {
    let rest = chunk;
    while (rest.length > 0 && problem === undefined) {
      const [head] = expected;
      if (head === undefined) {
        problem = `more came back than was sent, after ${echoedBytes} bytes`;
        return;
      }
      const length = Math.min(head.length, rest.length);
      if (!head.subarray(0, length).equals(rest.subarray(0, length))) {
        problem = `other bytes came back than were sent, after ${echoedBytes}`;
        return;
      }
      if (length === head.length) expected.shift();
      else expected[0] = head.subarray(length);
      outstanding -= length;
      echoedBytes += length;
      rest = rest.subarray(length);
    }
  };

  const closed = once(child, 'close').then(() => {
    clearInterval(pacing);
    if (child.exitCode === 0 && isEnding && outstanding === 0) return;
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    problem ??= `it ended (${how}) with ${outstanding} bytes on their way: ${words.trim()}`;
  });
  const pacing = setInterval(send, BLOCK_INTERVAL_MS);
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = `${words}${text}`.slice(-2000)));
  // That the other end is gone is told by the end of the process.
  child.stdin.on('error', () => undefined);
  const opened = once(child.stdout, 'data');
  child.stdout.on('data', compare);
  send();
  await Promise.race([opened, closed]);
  if (problem !== undefined) throw new Error(`${name}: ${problem}`);

  return {
    name,
    get echoedBytes() {
      return echoedBytes;
    },
    get problem() {
      return problem;
    },
    async end() {
      isEnding = true;
      child.stdin.end();
      await closed;
      return problem;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

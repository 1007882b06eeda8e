import { z } from 'zod';

const CallEvent = z.discriminatedUnion('what', [
  z.object({ what: z.literal('began'), id: z.string(), at: z.number(), argv: z.array(z.string()) }),
  z.object({ what: z.enum(['received', 'answered']), id: z.string(), at: z.number() }),
  z.object({ what: z.literal('ended'), id: z.string(), at: z.number(), exitCode: z.int() }),
]);

/** A call of the emulated client, as its log tells it. Times are milliseconds since the epoch. */
export interface EmulatedCall {
  readonly id: string;
  readonly argv: readonly string[];
  readonly beganAt: number;
  /** When its first request reached the daemon; null when none did. */
  readonly receivedAt: number | null;
  /** When the daemon was done with its last request so far, also if the client had gone. */
  readonly answeredAt: number | null;
  /** Null while it runs, and for good when it was killed. */
  readonly endedAt: number | null;
  readonly exitCode: number | null;
}

/** Reads the log of the calls: see `emulator/multipass/shared/calls.js`. A last line that is being written is left out. */
export function parseCalls(log: string): readonly EmulatedCall[] {
  const calls = new Map<string, EmulatedCall>();
  for (const line of log.slice(0, log.lastIndexOf('\n') + 1).split('\n')) {
    if (line === '') continue;
    const event = CallEvent.parse(JSON.parse(line));
    const call = calls.get(event.id);
    switch (event.what) {
      case 'began': {
        const { id, argv, at } = event;
        const nothing = { receivedAt: null, answeredAt: null, endedAt: null, exitCode: null };
        calls.set(id, { id, argv, beganAt: at, ...nothing });
        break;
      }
      case 'received':
        if (call !== undefined) calls.set(call.id, { ...call, receivedAt: call.receivedAt ?? event.at });
        break;
      case 'answered':
        if (call !== undefined) calls.set(call.id, { ...call, answeredAt: event.at });
        break;
      case 'ended':
        if (call !== undefined) calls.set(call.id, { ...call, endedAt: event.at, exitCode: event.exitCode });
    }
  }
  return [...calls.values()];
}

import { z } from 'zod';

/** One message of QEMU's monitor protocol. */
export type QmpMessage =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'return'; readonly value: unknown }
  | { readonly kind: 'error'; readonly description: string };

const Message = z.union([
  z
    .object({ QMP: z.unknown().refine((value) => value !== undefined) })
    .transform((): QmpMessage => ({ kind: 'greeting' })),
  z.object({ event: z.string() }).transform(({ event }): QmpMessage => ({ kind: 'event', name: event })),
  z
    .object({ error: z.object({ class: z.string(), desc: z.string() }) })
    .transform(({ error }): QmpMessage => ({ kind: 'error', description: `${error.class}: ${error.desc}` })),
  z
    .object({ return: z.unknown().refine((value) => value !== undefined) })
    .transform((message): QmpMessage => ({ kind: 'return', value: message.return })),
]);

/** Reads one line. Throws for anything that is not a message of the protocol. */
export function parseQmpLine(line: string): QmpMessage {
  return Message.parse(JSON.parse(line));
}

/** A command as it goes over the wire. */
export function renderQmpCommand(command: string, args: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ execute: command, arguments: args })}\n`;
}

import { z } from 'zod';
import type { NodeEvent } from '../../../domain/lightning/port.js';
import { invoiceSubject, outgoingSubject } from '../../../domain/names/subjects.js';
import { cursorText, hex32, instant, msatText } from '../lightning/wire.js';

const seenByNode = {
  hash: hex32,
  /** When the node saw it. */
  at: instant,
  /** The public key of the node that saw it, and where in its events. */
  node: z.string(),
  cursor: cursorText,
};

/** `payments.invoice.<hash>.<state>` */
export const invoiceFactSchema = z.object({
  ...seenByNode,
  state: z.enum(['held', 'settled', 'canceled']),
  /** What was held or settled; 0 when canceled. */
  receivedMsat: msatText,
});

/** `payments.outgoing.<hash>.<state>` */
export const outgoingFactSchema = z.object({
  ...seenByNode,
  state: z.enum(['succeeded', 'failed']),
  feeMsat: msatText,
  preimage: hex32.exactOptional(),
  failure: z.string().exactOptional(),
});

export type InvoiceFactMessage = z.output<typeof invoiceFactSchema>;
export type OutgoingFactMessage = z.output<typeof outgoingFactSchema>;

export interface PaymentMessage {
  readonly subject: string;
  /** For JSON. */
  readonly body: z.input<typeof invoiceFactSchema> | z.input<typeof outgoingFactSchema>;
}

export function invoiceFactMessage(fact: InvoiceFactMessage): PaymentMessage {
  const subject = invoiceSubject(fact.hash, fact.state);
  return { subject, body: z.encode(invoiceFactSchema, fact) };
}

export function outgoingFactMessage(fact: OutgoingFactMessage): PaymentMessage {
  const subject = outgoingSubject(fact.hash, fact.state);
  return { subject, body: z.encode(outgoingFactSchema, fact) };
}

/** What the watcher of `node` publishes of an event. */
export function paymentMessageOf(event: NodeEvent, node: string): PaymentMessage {
  return event.type === 'invoice'
    ? invoiceFactMessage({ ...event, node })
    : outgoingFactMessage({ ...event, node });
}

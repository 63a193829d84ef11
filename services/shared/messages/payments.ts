import { z } from 'zod';
import type { NodeEvent } from '../../../adapters/lightning/port.js';
import { invoiceSubject, outgoingSubject } from '../../../domain/names/subjects.js';
import {
  cursorText,
  hex32,
  instant,
  msatText,
} from '../../../adapters/lightning/simulator-client/wire.js';

const seenByNode = {
  hash: hex32,
  /** When the node saw it. */
  at: instant,
  /** The public key of the node that saw it, and where in its events. */
  node: z.string(),
  cursor: cursorText,
};

/** `payments.invoice.<hash>.<state>` */
export const invoiceUpdateSchema = z.object({
  ...seenByNode,
  state: z.enum(['held', 'settled', 'canceled']),
  /** What was held or settled; 0 when canceled. */
  receivedMsat: msatText,
});

/** `payments.outgoing.<hash>.<state>` */
export const outgoingUpdateSchema = z.object({
  ...seenByNode,
  state: z.enum(['succeeded', 'failed']),
  feeMsat: msatText,
  preimage: hex32.exactOptional(),
  failure: z.string().exactOptional(),
});

export type InvoiceUpdateMessage = z.output<typeof invoiceUpdateSchema>;
export type OutgoingUpdateMessage = z.output<typeof outgoingUpdateSchema>;

export interface PaymentMessage {
  readonly subject: string;
  /** For JSON. */
  readonly body: z.input<typeof invoiceUpdateSchema> | z.input<typeof outgoingUpdateSchema>;
}

export function invoiceUpdateMessage(fact: InvoiceUpdateMessage): PaymentMessage {
  const subject = invoiceSubject(fact.hash, fact.state);
  return { subject, body: z.encode(invoiceUpdateSchema, fact) };
}

export function outgoingUpdateMessage(fact: OutgoingUpdateMessage): PaymentMessage {
  const subject = outgoingSubject(fact.hash, fact.state);
  return { subject, body: z.encode(outgoingUpdateSchema, fact) };
}

/** What the watcher of `node` publishes of an event. */
export function paymentMessageOf(event: NodeEvent, node: string): PaymentMessage {
  return event.type === 'invoice'
    ? invoiceUpdateMessage({ ...event, node })
    : outgoingUpdateMessage({ ...event, node });
}

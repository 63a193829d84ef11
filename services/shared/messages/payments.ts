import { z } from 'zod';
import { type NodeEvent, PAYMENT_FAILURES } from '../../../adapters/lightning/port.js';
import { invoiceSubject, outgoingSubject } from '../../../domain/names/subjects.js';
import {
  cursorText,
  hex32,
  instant,
  msatText,
} from '../../../adapters/lightning/simulator-client/wire.js';

const seenByNode = {
  hash: hex32,
  /** When the node saw the change. */
  at: instant,
  /** The node's public key, and the position in its events. */
  node: z.string(),
  cursor: cursorText,
};

/** Body of `payments.invoice.<hash>.<state>`. */
export const invoiceUpdateSchema = z.object({
  ...seenByNode,
  state: z.enum(['held', 'settled', 'canceled']),
  /** The amount held or settled; 0 when canceled. */
  receivedMsat: msatText,
});

/** Body of `payments.outgoing.<hash>.<state>`. */
export const outgoingUpdateSchema = z.object({
  ...seenByNode,
  state: z.enum(['succeeded', 'failed']),
  feeMsat: msatText,
  preimage: hex32.exactOptional(),
  failure: z.enum(PAYMENT_FAILURES).exactOptional(),
});

export type InvoiceUpdateMessage = z.output<typeof invoiceUpdateSchema>;
export type OutgoingUpdateMessage = z.output<typeof outgoingUpdateSchema>;

export interface PaymentMessage {
  readonly subject: string;
  /** To be encoded as JSON. */
  readonly body: z.input<typeof invoiceUpdateSchema> | z.input<typeof outgoingUpdateSchema>;
}

export function invoiceUpdateMessage(update: InvoiceUpdateMessage): PaymentMessage {
  const subject = invoiceSubject(update.hash, update.state);
  return { subject, body: z.encode(invoiceUpdateSchema, update) };
}

export function outgoingUpdateMessage(update: OutgoingUpdateMessage): PaymentMessage {
  const subject = outgoingSubject(update.hash, update.state);
  return { subject, body: z.encode(outgoingUpdateSchema, update) };
}

/** The message that the watcher of `node` publishes for an event. */
export function paymentMessageOf(event: NodeEvent, node: string): PaymentMessage {
  return event.type === 'invoice'
    ? invoiceUpdateMessage({ ...event, node })
    : outgoingUpdateMessage({ ...event, node });
}

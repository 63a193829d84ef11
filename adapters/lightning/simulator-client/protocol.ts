import { z } from 'zod';
import { cursorText, hex32, instant, msatText } from './wire.js';

/** The HTTP protocol of the simulated node. The types are those of the Lightning port. */

export const createInvoiceSchema = z.object({
  kind: z.enum(['ordinary', 'hold']),
  preimage: hex32.exactOptional(),
  hash: hex32.exactOptional(),
  amountMsat: msatText,
  expirySeconds: z.int().min(1).max(31_622_400),
  memo: z.string().max(639),
});

export const invoiceSchema = z.object({
  hash: hex32,
  kind: z.enum(['ordinary', 'hold']),
  bolt11: z.string(),
  state: z.enum(['open', 'held', 'settled', 'canceled']),
  amountMsat: msatText,
  receivedMsat: msatText,
  createdAt: instant,
  expiresAt: instant,
});

export const settleSchema = z.object({ preimage: hex32 });

export const bolt11Schema = z.object({ bolt11: z.string().min(1).max(8000) });

export const paySchema = bolt11Schema.extend({ maxFeeMsat: msatText });

export const paymentSchema = z.object({
  hash: hex32,
  state: z.enum(['in_flight', 'succeeded', 'failed']),
  amountMsat: msatText,
  feeMsat: msatText,
  preimage: hex32.exactOptional(),
  failure: z.string().exactOptional(),
});

export const decodedSchema = z.object({
  hash: hex32,
  amountMsat: msatText,
  expiresAt: instant,
  memo: z.string(),
});

export const nodeInfoSchema = z.object({
  /** Compressed, as hex; identifies the node and its cursors. */
  publicKey: z.string().regex(/^0[23][0-9a-f]{64}$/),
  lastCursor: cursorText,
});

const seen = { cursor: cursorText, at: instant, hash: hex32 };

export const nodeEventSchema = z.discriminatedUnion('type', [
  z.object({
    ...seen,
    type: z.literal('invoice'),
    state: z.enum(['held', 'settled', 'canceled']),
    receivedMsat: msatText,
  }),
  z.object({
    ...seen,
    type: z.literal('payment'),
    state: z.enum(['succeeded', 'failed']),
    feeMsat: msatText,
    preimage: hex32.exactOptional(),
    failure: z.string().exactOptional(),
  }),
]);

/** The stream of events: one JSON object per line; an empty line is a heartbeat. */
export const EVENTS_PATH = '/v1/events';
export const HEARTBEAT_MS = 5_000;

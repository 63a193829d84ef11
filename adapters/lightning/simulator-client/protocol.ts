import { z } from 'zod';
import { PAYMENT_FAILURES } from '../port.js';
import { cursorText, hex32, instant, memoText, msatText, publicKeyHex } from './wire.js';

/** The HTTP protocol of the simulated node. The types are those of the Lightning port. */

/** 365 days, as on lnd. */
export const MAX_EXPIRY_SECONDS = 31_536_000;

/** A block height, or a number of blocks. */
const height = z.int().min(0).max(2_147_483_647);

export const createInvoiceSchema = z.object({
  kind: z.enum(['ordinary', 'hold']),
  preimage: hex32.exactOptional(),
  hash: hex32.exactOptional(),
  amountMsat: msatText,
  expirySeconds: z.int().min(1).max(MAX_EXPIRY_SECONDS),
  memo: memoText,
  descriptionHash: hex32.exactOptional(),
  minFinalCltv: height.exactOptional(),
  privateHints: z.boolean().exactOptional(),
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
  held: z.object({ acceptHeight: height, expiryHeight: height }).exactOptional(),
});

export const createdInvoiceSchema = invoiceSchema.extend({ node: publicKeyHex });

export const settleSchema = z.object({ preimage: hex32 });

export const bolt11Schema = z.object({ bolt11: z.string().min(1).max(8000) });

export const estimateQuerySchema = bolt11Schema.extend({ amountMsat: msatText.exactOptional() });

export const estimateSchema = z.object({ feeMsat: msatText, expiryHeight: height });

export const sendSchema = bolt11Schema.extend({
  expectedHash: hex32,
  amountMsat: msatText.exactOptional(),
  maxFeeMsat: msatText,
  giveUpSeconds: z.int().min(1).max(86_400),
  maxExpiryHeight: height.exactOptional(),
});

const failure = z.enum(PAYMENT_FAILURES).exactOptional();

export const paymentSchema = z.object({
  hash: hex32,
  state: z.enum(['in_flight', 'succeeded', 'failed']),
  index: cursorText,
  startedAt: instant,
  amountMsat: msatText,
  feeMsat: msatText,
  preimage: hex32.exactOptional(),
  failure,
  expiryHeight: height.exactOptional(),
});

export const decodedSchema = z.object({
  hash: hex32,
  amountMsat: msatText.exactOptional(),
  payee: publicKeyHex,
  expiresAt: instant,
  memo: z.string(),
  descriptionHash: hex32.exactOptional(),
  minFinalCltv: height,
  features: z.array(z.int()).readonly(),
  hintNodes: z.array(publicKeyHex).readonly(),
});

export const nodeInfoSchema = z.object({
  /** Identifies the node and its cursors. */
  publicKey: publicKeyHex,
  network: z.enum(['mainnet', 'testnet', 'signet', 'regtest']),
  version: z.string(),
  blockHeight: height,
  synced: z.boolean(),
  lastCursor: cursorText,
});

export const balanceSchema = z.object({ sendableMsat: msatText, receivableMsat: msatText });

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
    failure,
  }),
]);

export const journalSchema = z.object({ events: z.array(nodeEventSchema) });

/** The stream of events: one JSON object per line; an empty line is a heartbeat. */
export const EVENTS_PATH = '/v1/events';
export const HEARTBEAT_MS = 5_000;

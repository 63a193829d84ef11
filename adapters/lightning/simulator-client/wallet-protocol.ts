import { z } from 'zod';
import { bolt11Schema } from './protocol.js';
import { hex32, instant, msatText } from './wire.js';

/** The protocol of the simulated wallets, for the demo and for tests. */

export const walletName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes');

export const walletSchema = z.object({ name: walletName, balanceMsat: msatText });

export const depositSchema = z.object({ amountMsat: msatText });

export const walletPaySchema = bolt11Schema.extend({ amountMsat: msatText.exactOptional() });

/** The outcome of a payment to a wallet's invoice. */
export const outcomeSchema = z.enum(['succeed', 'fail', 'hang']);

export type Outcome = z.output<typeof outcomeSchema>;

export const walletInvoiceSchema = z.object({
  preimage: hex32.exactOptional(),
  amountMsat: msatText,
  expirySeconds: z.int().min(1).max(31_622_400),
  memo: z.string().max(639),
  outcome: outcomeSchema,
});

export const decideSchema = z.object({ outcome: outcomeSchema });

export const recountSchema = z.object({
  depositedMsat: msatText,
  balancesMsat: msatText,
  inFlightMsat: msatText,
  wrongBalances: z.array(z.string()),
  wrongInvoices: z.array(z.string()),
  conserved: z.boolean(),
});

/** In the order of hashes; the next page begins after the last one. Empty at the end. */
export const settledPageSchema = z.object({
  invoices: z.array(z.object({ hash: hex32, receivedMsat: msatText, settledAt: instant })),
});

export const settledQuerySchema = z.object({ after: z.union([hex32, z.literal('')]).default('') });

import { z } from 'zod';
import { bolt11Schema } from './protocol.js';
import { hex32, instant, msatText } from './wire.js';

/** The simulated payers' side of the node: for the demo and for tests. */

export const walletName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes');

export const walletSchema = z.object({ name: walletName, balanceMsat: msatText });

export const depositSchema = z.object({ amountMsat: msatText });

export const walletPaySchema = bolt11Schema.extend({ amountMsat: msatText.exactOptional() });

/** What becomes of a payment to a wallet's invoice. */
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

/** In order of the hashes: the last one is where the next page begins. Empty at the end. */
export const settledPageSchema = z.object({
  invoices: z.array(z.object({ hash: hex32, receivedMsat: msatText, settledAt: instant })),
});

export const settledQuerySchema = z.object({ after: z.union([hex32, z.literal('')]).default('') });

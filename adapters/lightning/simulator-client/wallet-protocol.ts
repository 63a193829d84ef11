import { z } from 'zod';
import { bolt11Schema, MAX_EXPIRY_SECONDS } from './protocol.js';
import { hex32, instant, memoText, msatText } from './wire.js';

/** The protocol of the simulated wallets, for the demo and for tests. */

export const walletName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes');

export const walletSchema = z.object({ name: walletName, balanceMsat: msatText });

export const depositSchema = z.object({ amountMsat: msatText });

export const walletPaySchema = bolt11Schema.extend({
  amountMsat: msatText.exactOptional(),
  /** Sends this much of the amount: the node waits for the rest. Default: what is missing. */
  partMsat: msatText.exactOptional(),
  /** Blocks until the HTLC expires. Default: what the invoice asks for, and 3. */
  cltvDelta: z.int().min(0).max(2016).exactOptional(),
});

/**
 * The outcome of a payment to a wallet's invoice: `hang` stays in flight until decided, `timeout` finds no route in time, `error` fails
 * at the node.
 */
export const outcomeSchema = z.enum(['succeed', 'fail', 'hang', 'timeout', 'error']);

export type Outcome = z.output<typeof outcomeSchema>;

export const walletInvoiceSchema = z.object({
  preimage: hex32.exactOptional(),
  /** 0: the payer chooses. */
  amountMsat: msatText,
  expirySeconds: z.int().min(1).max(MAX_EXPIRY_SECONDS),
  memo: memoText,
  descriptionHash: hex32.exactOptional(),
  minFinalCltv: z.int().min(1).max(2016).exactOptional(),
  outcome: outcomeSchema,
});

/** Routes from the node to a wallet, in place of the one by the node's settings. */
export const routesSchema = z.object({
  routes: z
    .array(
      z.object({
        baseMsat: msatText,
        perMillion: z.int().min(0).max(1_000_000),
        cltvDelta: z.int().min(0).max(2016),
        capacityMsat: msatText.exactOptional(),
      }),
    )
    .max(10),
});

export type Route = z.output<typeof routesSchema>['routes'][number];

export const blocksSchema = z.object({ count: z.int().min(1).max(10_000) });
export const heightSchema = z.object({ blockHeight: z.int() });
export const releaseSchema = z.object({ released: z.int() });
export const forgetSchema = z.object({ hash: hex32 });

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

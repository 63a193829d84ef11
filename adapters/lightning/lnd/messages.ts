import { z } from 'zod';

/** What lnd answers, parsed: 64-bit numbers as bigint, bytes as hex, the rest by lnd's names. */

const big = z.string().transform(BigInt);
const hexBytes = z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString('hex'));

export const stateSchema = z.object({ state: z.string() });

export const infoSchema = z.object({
  identity_pubkey: z.string(),
  block_height: z.number(),
  synced_to_chain: z.boolean(),
  version: z.string(),
  chains: z.array(z.object({ network: z.string() })),
});

const amount = z
  .object({ msat: big })
  .nullable()
  .transform((given) => given?.msat ?? 0n);
export const balanceSchema = z.object({ local_balance: amount, remote_balance: amount });

export const addedSchema = z.object({ payment_request: z.string() });

export const invoiceSchema = z.object({
  memo: z.string(),
  r_hash: hexBytes,
  r_preimage: hexBytes,
  creation_date: big,
  settle_date: big,
  payment_request: z.string(),
  expiry: big,
  add_index: big,
  settle_index: big,
  amt_paid_msat: big,
  value_msat: big,
  state: z.enum(['OPEN', 'SETTLED', 'CANCELED', 'ACCEPTED']),
  htlcs: z.array(
    z.object({
      amt_msat: big,
      accept_height: z.number(),
      expiry_height: z.number(),
      state: z.string(),
    }),
  ),
  is_keysend: z.boolean(),
  is_amp: z.boolean(),
});
export type LndInvoice = z.output<typeof invoiceSchema>;

export const invoiceListSchema = z.object({
  invoices: z.array(invoiceSchema),
  last_index_offset: big,
});

const hopHint = z.object({
  node_id: z.string(),
  chan_id: z.string(),
  fee_base_msat: z.number(),
  fee_proportional_millionths: z.number(),
  cltv_expiry_delta: z.number(),
});

export const payReqSchema = z.object({
  destination: z.string(),
  payment_hash: z.string(),
  timestamp: big,
  expiry: big,
  description: z.string(),
  description_hash: z.string(),
  cltv_expiry: big,
  num_msat: big,
  route_hints: z.array(z.object({ hop_hints: z.array(hopHint) })),
  features: z.record(z.string(), z.unknown()),
});
export type PayReq = z.output<typeof payReqSchema>;

export const lndPaymentSchema = z.object({
  payment_hash: z.string(),
  payment_preimage: z.string(),
  value_msat: big,
  status: z.enum(['UNKNOWN', 'IN_FLIGHT', 'SUCCEEDED', 'FAILED', 'INITIATED']),
  fee_msat: big,
  creation_time_ns: big,
  payment_index: big,
  failure_reason: z.string(),
  htlcs: z.array(
    z.object({
      status: z.string(),
      route: z.object({ total_time_lock: z.number() }).nullable(),
    }),
  ),
});
export type LndPayment = z.output<typeof lndPaymentSchema>;

export const routesSchema = z.object({
  routes: z.array(z.object({ total_time_lock: z.number(), total_fees_msat: big })),
});

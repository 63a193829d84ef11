import { createHash, randomBytes } from 'node:crypto';
import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import type { Lnd } from '../../../services/cli/servers/lightning/lnd.js';

export interface HoldInvoice {
  readonly hash: string;
  readonly preimage: Buffer;
  readonly bolt11: string;
}

/** Of a node that keeps what is paid to it until it is told. */
export async function addHoldInvoice(
  { channel }: Lnd,
  amountMsat: bigint,
  memo = 'to be held',
): Promise<HoldInvoice> {
  const preimage = randomBytes(32);
  const hash = createHash('sha256').update(preimage).digest();
  const { payment_request: bolt11 } = await channel.call(METHODS.addHoldInvoice, {
    ...{ hash, memo, value_msat: amountMsat.toString(), expiry: '3600', cltv_expiry: 24 },
  });
  return { hash: hash.toString('hex'), preimage, bolt11 };
}

export async function invoiceState({ channel }: Lnd, hash: string): Promise<string> {
  const request = { r_hash: Buffer.from(hash, 'hex') };
  return (await channel.call(METHODS.lookupInvoice, request)).state;
}

export async function paymentState({ channel }: Lnd, hash: string): Promise<string | undefined> {
  const request = { payment_hash: Buffer.from(hash, 'hex') };
  return (await channel.first(METHODS.trackPayment, request))?.status;
}

/** Why the payer's node says that it has failed. */
export async function failureOf({ channel }: Lnd, hash: string): Promise<string> {
  const request = { payment_hash: Buffer.from(hash, 'hex') };
  return (await channel.first(METHODS.trackPayment, request))?.failure_reason ?? 'unknown';
}

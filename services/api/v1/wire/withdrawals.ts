import { z } from 'zod';
import { MAX_BOLT11_LENGTH } from '../../../../domain/payouts/bolt11-spelling.js';
import type { AskedInvoice } from '../../../../engine/actions/outgoing/payable-invoice.js';
import { amountMsat } from './values.js';

/** What is to be paid from sats. */
export const withdrawalBody = z.strictObject({
  bolt11: z.string().min(1).max(MAX_BOLT11_LENGTH).meta({
    description: 'A Lightning invoice, in any spelling.',
  }),
  amountMsat: amountMsat
    .optional()
    .meta({ description: 'Needed where the invoice names no amount.' }),
  maxFeeMsat: amountMsat
    .optional()
    .meta({ description: 'Most that routing may cost. Default: 1 %, at least 10 sats.' }),
});

export function askedInvoice({
  bolt11,
  amountMsat: amount,
  maxFeeMsat,
}: z.output<typeof withdrawalBody>): AskedInvoice {
  return {
    bolt11,
    ...(amount === undefined ? {} : { amountMsat: amount }),
    ...(maxFeeMsat === undefined ? {} : { maxFeeMsat }),
  };
}

export const WITHDRAWAL_REFUSALS = [
  'withdrawal.invalid_invoice',
  'withdrawal.amount_required',
  'withdrawal.invoice_expired',
  'withdrawal.invoice_used',
  'withdrawal.own_invoice',
  'withdrawal.insufficient_sats',
  'service.maintenance',
  'service.unavailable',
] as const;

import { z } from 'zod';
import { id, msatText, nextCursor, time } from './values.js';

/** The states of an order. */
export const TRANSMISSION_STATES = [
  'pending',
  'paid',
  'transmitting',
  'confirming',
  'sent',
  'received',
  'cancelled',
  'expired',
] as const;

const progress = z.enum(['no', 'presumed', 'confirmed']);

export const regionProgressAnswer = z
  .object({
    region: z.int(),
    name: z.string(),
    sent: progress,
    sentAt: time.nullable(),
    received: progress,
    receivedAt: time.nullable(),
  })
  .meta({ id: 'RegionProgress' });

export const bidInvoiceAnswer = z
  .object({
    amountMsat: msatText,
    receivedMsat: msatText,
    bolt11: z.string().nullable().meta({ description: 'Null while it is not created.' }),
    state: z.enum(['wanted', 'open', 'held', 'settled', 'canceled']),
    expiresAt: time.nullable(),
  })
  .meta({ id: 'BidInvoice' });

export const owedWithdrawalAnswer = z
  .object({
    id: id.meta({ description: 'Of its action.' }),
    state: z
      .string()
      .meta({ description: 'WITHDRAWING until it is PAID or FAILED.', examples: ['PAID'] }),
    bolt11: z.string(),
    amountMsat: msatText,
    maxFeeMsat: msatText,
    feeMsat: msatText.nullable().meta({ description: 'What routing has cost.' }),
    preimage: z.string().nullable().meta({ description: 'Proves the payment.' }),
    openedAt: time,
  })
  .meta({ id: 'OwedWithdrawal' });

const summary = {
  id,
  channel: z.int(),
  state: z.enum(TRANSMISSION_STATES).meta({ id: 'TransmissionState' }),
  bidMsat: msatText.meta({ description: 'Paid.' }),
  unpaidBidMsat: msatText,
  minBidMsat: msatText,
  sizeBytes: z.int(),
  digest: z.string().meta({ description: 'SHA-256 of the message, hex.' }),
  txSeqNum: z.int().nullable(),
  retransmissions: z.int(),
  gaveUp: z
    .boolean()
    .meta({ description: 'Sent as often as it may be, and not confirmed by all regions.' }),
  closed: z.boolean().meta({ description: 'Receivers have had their time.' }),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  cancelledAt: time.nullable(),
};

export const transmissionSummaryAnswer = z.object(summary).meta({ id: 'TransmissionSummary' });

export const transmissionAnswer = z
  .object({
    ...summary,
    regions: z.array(regionProgressAnswer),
    invoices: z.array(bidInvoiceAnswer).meta({ description: 'One for each bid, oldest first.' }),
    owedMsat: msatText.meta({ description: 'To be collected with the token.' }),
    withdrawals: z
      .array(owedWithdrawalAnswer)
      .meta({ description: 'Of what was owed, to invoices; oldest first.' }),
  })
  .meta({ id: 'Transmission' });

export const openedTransmissionAnswer = transmissionAnswer
  .extend({
    token: z.string().meta({ description: 'To be sent as Quittance-Capability.' }),
  })
  .meta({ id: 'OpenedTransmission' });

export const collectedTransmissionAnswer = transmissionAnswer
  .extend({ collectedMsat: msatText })
  .meta({ id: 'CollectedTransmission' });

export const transmissionPageAnswer = z
  .object({ transmissions: z.array(transmissionSummaryAnswer), nextCursor })
  .meta({ id: 'TransmissionPage' });

export const draftAnswer = z
  .object({ draftId: id, sizeBytes: z.int(), digest: z.string() })
  .meta({ id: 'Draft' });

import { z } from 'zod';
import { id, time } from '@quittance/sdk/answers';
import {
  ALL_REGIONS,
  REGION_NUMBERS,
  regionsToBits,
} from '../../../../domain/transmissions/regions.js';
import { MAX_MSAT, toMsat } from '../../../../domain/money.js';
import { amountMsat, storable } from './values.js';

export const transmissionParams = z.object({ id });

/** Bytes as base64. */
const base64 = z.base64('must be base64').transform((text) => Buffer.from(text, 'base64'));

export const draftBody = z.strictObject({
  message: base64.meta({ description: 'The bytes, as base64.' }),
});

const regions = z
  .array(z.literal([...REGION_NUMBERS]))
  .min(1)
  .transform(regionsToBits)
  .optional()
  .transform((bits) => bits ?? ALL_REGIONS)
  .meta({ description: 'Numbers 0 to 5; default: all.' });

const bid = z
  .string()
  .regex(/^\d{1,19}$/, 'must be a whole number of millisatoshi, as a string')
  .transform(BigInt)
  .pipe(z.bigint().max(MAX_MSAT, 'is more than there will ever be').transform(toMsat))
  .meta({ examples: ['1000'] });

const MAX_TEXT = 1024;

/** How a message is named: one of the three. */
export const openTransmissionBody = z
  .strictObject({
    channel: z.int().default(1),
    bidMsat: bid.default(toMsat(0n)),
    regions,
    text: storable.max(MAX_TEXT).optional(),
    message: base64.optional().meta({ description: 'The bytes, as base64.' }),
    draftId: id.optional().meta({ description: 'Of POST /v1/transmissions/drafts.' }),
  })
  .refine(
    ({ text, message, draftId }) =>
      [text, message, draftId].filter((one) => one !== undefined).length === 1,
    'give one of text, message and draftId',
  );

export const bumpTransmissionBody = z.strictObject({ amountMsat });

export const collectBody = z.strictObject({
  asset: z.enum(['CREDITS', 'SATS']).default('CREDITS').meta({
    description: 'SATS can be withdrawn to an invoice: POST /v1/withdrawals.',
  }),
});

export const transmissionTroublesAnswer = z
  .object({
    gaveUp: z
      .array(
        z.object({
          id,
          channel: z.int(),
          txSeqNum: z.int(),
          retransmissions: z.int(),
          since: time,
        }),
      )
      .meta({ description: 'Sent as often as they may be; a region has not confirmed.' }),
    looseInvoices: z
      .array(
        z.object({
          hash: z.string(),
          orderId: id,
          state: z.enum(['asked', 'shown', 'orphan']),
          id: z.string().nullable(),
          askedAt: time,
          lateAt: time.nullable(),
        }),
      )
      .meta({
        description:
          'asked: the answer of the gateway was lost. orphan: it exists and is shown to nobody; lateAt: it was paid all the same.',
      }),
  })
  .meta({ id: 'TransmissionTroubles' });

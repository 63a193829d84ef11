import { nextCursor, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { MAX_ADDRESS } from '../../../../domain/credits/fields.js';
import { MESSAGE_TYPES } from '../../../../domain/credits/messages.js';
import { pageQuery } from './page.js';
import { instant, storable } from './values.js';

const ledger = z.enum(['actions', 'aleph']).meta({
  description: '`actions` counts millisatoshi, `aleph` the integer credits of the Aleph network.',
});
const address = storable
  .min(1)
  .max(MAX_ADDRESS)
  .regex(/^\P{Cc}+$/u, 'must be without control characters');
/** In answers: whatever is stored may be read. */
const shown = z.string();

/** In the ledger’s unit, as decimal digits. */
const amount = z.string().regex(/^-?\d+$/);
const unit = z.enum(['msat', 'credits']);

export const ledgerParams = z.strictObject({ ledger });
export const ledgerAddressParams = z.strictObject({ ledger, address });

export const balanceAnswer = z
  .object({
    address: shown,
    unit,
    balance: amount,
    details: z.array(z.object({ expiresAt: time.nullable(), amount })).meta({
      description:
        'The balance by expiry: credits that never expire first, then those that expire soonest.',
    }),
  })
  .meta({ id: 'CreditBalance' });

export const balancesQuery = z.strictObject({
  ...pageQuery(z.tuple([storable])),
  minBalance: z
    .string()
    .regex(/^\d{1,18}$/, 'must be a whole number')
    .transform(BigInt)
    .prefault('0')
    .meta({ description: 'At 0, addresses with a balance of 0 are listed, too.', default: '0' }),
});

export const balancesAnswer = z
  .object({ unit, balances: z.array(z.object({ address: shown, balance: amount })), nextCursor })
  .meta({ id: 'CreditBalancePage' });

const text = z.string().nullable();
const filter = storable.min(1).max(300).optional();
const when = instant.optional();

export const historyFilters = {
  txHash: filter,
  token: filter,
  chain: filter,
  provider: filter,
  origin: filter,
  originRef: filter,
  paymentMethod: filter,
  resource: filter,
  direction: z.enum(['incoming', 'outgoing']).optional(),
  hasExpiration: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  excludePaymentMethods: z
    .string()
    .max(300)
    .pipe(storable)
    .transform((value) => value.split(','))
    .optional()
    .meta({ description: 'Separated by commas.' }),
  from: when,
  to: when,
};

export const historyQuery = z.strictObject({
  ...pageQuery(z.tuple([instant, storable, z.string().regex(/^\d{1,9}$/)])),
  ...historyFilters,
});

export const historyAnswer = z
  .object({
    unit,
    entries: z.array(
      z.object({
        creditRef: z.string(),
        creditIndex: z.int(),
        amount,
        at: time,
        expiresAt: time.nullable(),
        price: text,
        txHash: text,
        token: text,
        chain: text,
        provider: text,
        origin: text,
        originRef: text,
        paymentMethod: text,
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'CreditHistoryPage' });

export const summaryQuery = z.strictObject(historyFilters);
export const summaryAnswer = z
  .object({
    unit,
    entryCount: z.int(),
    total: amount,
    incoming: amount,
    outgoing: amount,
  })
  .meta({ id: 'CreditSummary' });

export const consumedParams = z.strictObject({ hash: address });
export const consumedAnswer = z
  .object({ hash: z.string(), consumedCredits: amount })
  .meta({ id: 'ConsumedCredits' });

const messageTypes = Object.keys(MESSAGE_TYPES);

/** The ledger checks the content and names an invalid field. */
export const messageBody = z.strictObject({
  hash: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters'),
  type: z.enum(messageTypes),
  sender: address.meta({ description: 'The address that sent the message.' }),
  channel: storable.max(200).nullable().default(null),
  at: instant.meta({ description: 'The time of the message.' }),
  content: z.unknown(),
});

export const messageAnswer = z
  .object({
    hash: z.string(),
    outcome: z.enum(['accepted', 'confirmed', 'accepted_without_effect']),
    entries: z.array(
      z.object({ address: z.string(), creditIndex: z.int(), amount, expiresAt: time.nullable() }),
    ),
  })
  .meta({ id: 'CreditMessage' });

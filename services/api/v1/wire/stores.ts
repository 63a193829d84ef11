import { nextCursor, rowId, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { storeSettings } from '../../../../engine/intake/stores/store.js';
import { digits, pageQuery } from './page.js';

export const storeId = z.string().regex(/^[a-z0-9-]{1,60}$/, 'must be 1 to 60 of a-z, 0-9 and -');

const zone = z
  .string()
  .max(60)
  .refine((name) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
    } catch {
      return false;
    }
  }, 'is no time zone');

const secret = z.string().min(1).max(200);

export const newStoreBody = z.strictObject({
  id: storeId,
  url: z.url({ protocol: /^https?$/ }).max(500),
  name: z.string().trim().min(1).max(200),
  zone: zone.default('UTC').meta({ description: 'IANA name.' }),
  secrets: z
    .array(secret)
    .max(10)
    .default([])
    .meta({ description: 'What its deliveries may be signed with.' }),
  apiKey: z
    .strictObject({ key: z.string().min(1).max(200), secret })
    .optional()
    .meta({
      description:
        'Consumer key and secret of its REST API. Without them findings are not verified.',
    }),
  createWebhooks: z
    .boolean()
    .default(false)
    .meta({ description: 'Create its four webhooks. Needs a key that may write.' }),
  settings: storeSettings.partial().default({}),
});

export const storeParams = z.strictObject({ store: storeId });
export const newSecretBody = z.strictObject({
  secret,
  topic: z.string().min(1).max(200).default('*'),
  webhookId: digits.optional(),
});

const count = z.string().regex(/^\d+$/);

export const storeAnswer = z
  .object({
    id: storeId,
    url: z.string(),
    name: z.string(),
    zone: z.string(),
    openedAt: time,
    closedAt: time.nullable(),
    hasApiKey: z.boolean(),
    reconciledAt: time.nullable(),
    watermark: time,
    unreachableSince: time.nullable(),
    lastPingAt: time.nullable(),
    lastEventAt: time.nullable(),
    orders: count,
    waitingEvents: count,
    waitingIds: count,
  })
  .meta({ id: 'Store' });

export const closedStoreAnswer = storeAnswer
  .extend({
    webhooks: z.object({
      removed: z.int(),
      remaining: z
        .array(z.object({ webhookId: rowId.nullable(), topic: z.string(), reason: z.string() }))
        .meta({ description: 'Delete them in the store.' }),
    }),
  })
  .meta({ id: 'ClosedStore' });

export const newStoreAnswer = z
  .object({
    store: storeAnswer,
    deliveryUrl: z.string(),
    webhooks: z
      .object({ created: z.int(), reached: z.boolean(), problems: z.array(z.string()) })
      .nullable(),
  })
  .meta({ id: 'NewStore' });

export const storesQuery = z.strictObject(pageQuery(z.tuple([storeId])));
export const storesAnswer = z
  .object({ stores: z.array(storeAnswer), nextCursor })
  .meta({ id: 'StorePage' });

const storeOrderAnswer = z
  .object({
    orderId: rowId,
    number: z.string(),
    status: z.string(),
    currency: z.string(),
    total: z.string(),
    createdAt: time,
    modifiedAt: time,
    statusSince: time,
    firstSeen: z.string(),
    firstSeenAt: time,
    announced: z.boolean(),
    alertedAt: time.nullable(),
  })
  .meta({ id: 'StoreOrder' });

export const storeOrdersQuery = z.strictObject(pageQuery(z.tuple([digits])));
export const storeOrdersAnswer = z
  .object({ orders: z.array(storeOrderAnswer), nextCursor })
  .meta({ id: 'StoreOrderPage' });
export const storeOrderParams = z.strictObject({ store: storeId, order: digits });
export const storeOrderWithTrail = z
  .object({
    order: storeOrderAnswer,
    trail: z.array(
      z.object({ at: time, what: z.string(), detail: z.record(z.string(), z.unknown()) }),
    ),
  })
  .meta({ id: 'StoreOrderWithTrail' });

export const secretAnswer = z.object({ added: z.literal(true) });

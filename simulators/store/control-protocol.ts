import { z } from 'zod';
import { newOrderSchema } from './orders/order.js';
import { settingsSchema } from './settings.js';
import { deliverySchema } from './webhooks/delivery-log.js';
import { idText, instant } from './wire.js';

/** The control API of a simulated store, for tests and demonstrations: what its people and its host do. */

export const stateSchema = z.object({
  /** Store time. */
  now: instant,
  rate: z.number(),
  /** Deliveries that wait or run. */
  queued: z.int(),
  /** Orders placed by the scenario. */
  placed: z.int(),
});

export const resetSchema = settingsSchema;

export const clockSchema = z.object({
  at: instant.exactOptional(),
  rate: z.number().min(0).max(1_000_000).exactOptional(),
});

export const advanceSchema = z.object({
  seconds: z
    .int()
    .min(0)
    .max(400 * 86_400),
});

export const importSchema = z.object({
  count: z.int().min(1).max(100_000),
  /** Whether its orders are announced like others. */
  announced: z.boolean().default(false),
  order: newOrderSchema.prefault({ createdVia: 'import', status: 'completed' }),
});

export const idSchema = z.object({ id: idText });
export const placedSchema = z.object({ id: idText, number: z.string() });

export const changeSchema = z.discriminatedUnion('change', [
  z.object({ change: z.literal('status'), status: z.string() }),
  z.object({ change: z.literal('pay') }),
  z.object({ change: z.literal('save') }),
  z.object({ change: z.literal('touch') }),
  z.object({
    change: z.literal('refund'),
    total: z.string().default('1.00'),
    full: z.boolean().default(false),
  }),
  z.object({ change: z.literal('delete_refund') }),
  z.object({ change: z.literal('trash') }),
  z.object({ change: z.literal('restore') }),
  z.object({ change: z.literal('delete') }),
]);

export const changesSchema = z.object({ changes: z.array(changeSchema).min(1) });

export const takeIdsSchema = z.object({ count: z.int().min(1).max(10_000_000) });
export const takenIdsSchema = z.object({ first: idText, last: idText });

export const trueOrderSchema = z.object({
  id: idText,
  status: z.string(),
  total: z.string(),
  createdAt: instant,
  modifiedAt: instant,
  /** Each status it has had, the first one first. */
  statuses: z.array(z.object({ status: z.string(), since: instant })),
});
export const trueOrdersSchema = z.object({ orders: z.array(trueOrderSchema) });

export const afterSchema = z.object({ after: z.coerce.number().int().min(0).default(0) });
export const deliveriesSchema = z.object({ deliveries: z.array(deliverySchema) });

export const newWebhookSchema = z.object({
  topic: z.string(),
  deliveryUrl: z.url(),
  secret: z.string(),
  name: z.string().exactOptional(),
});

export const webhookChangeSchema = z.object({
  status: z.enum(['active', 'paused', 'disabled']).exactOptional(),
  deliveryUrl: z.url().exactOptional(),
  secret: z.string().exactOptional(),
  owner: z.enum(['present', 'deleted', 'without_rights']).exactOptional(),
});

export const trueWebhookSchema = z.object({
  id: idText,
  topic: z.string(),
  status: z.enum(['active', 'paused', 'disabled']),
  deliveryUrl: z.string(),
  failures: z.int(),
  pendingPing: z.boolean(),
});

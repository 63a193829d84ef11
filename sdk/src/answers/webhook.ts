import { z } from 'zod';
import { id, nextCursor, time } from './values.js';

const signing = z.enum(['v1', 'v1a']).meta({
  description: 'v1: HMAC-SHA256 by a shared secret. v1a: Ed25519, you get the public key.',
});

export const webhookAnswer = z
  .object({
    id,
    url: z.string(),
    description: z.string(),
    events: z.array(z.string()),
    signing,
    createdAt: time,
    oldSecretUntil: time.nullable().meta({
      description: 'Until then messages also carry a signature by the secret before.',
    }),
    failingSince: time.nullable().meta({ description: 'Since when every try has failed.' }),
    lastError: z.string().nullable(),
    disabledAt: time.nullable(),
    disabledBecause: z.enum(['owner', 'failing', 'gone']).nullable(),
    waiting: z.int().meta({ description: 'Messages that are still to be sent.' }),
  })
  .meta({ id: 'Webhook' });

export const webhooksAnswer = z
  .object({ webhooks: z.array(webhookAnswer) })
  .meta({ id: 'Webhooks' });

export const webhookWithKeyAnswer = webhookAnswer
  .extend({
    key: z.string().meta({
      description: 'Verify by it: the secret (whsec_…), or the public key (whpk_…).',
    }),
  })
  .meta({ id: 'WebhookWithKey' });

export const webhookDeliveryAnswer = z
  .object({
    messageId: z.string().meta({ description: 'The header webhook-id: dedupe by it.' }),
    type: z.string(),
    data: z.unknown(),
    at: time,
    state: z.enum(['waiting', 'delivered', 'given_up']),
    dueAt: time.nullable().meta({ description: 'The next try.' }),
    tries: z.array(
      z.object({
        at: time,
        durationMs: z.int(),
        status: z.int().nullable(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'WebhookDelivery' });

export const webhookDeliveriesAnswer = z
  .object({ deliveries: z.array(webhookDeliveryAnswer), nextCursor })
  .meta({ id: 'WebhookDeliveries' });

export const webhookReplayAnswer = z
  .object({ count: z.int().meta({ description: 'Messages that are sent again, or would be.' }) })
  .meta({ id: 'WebhookReplay' });

export const webhookTestAnswer = z.object({ messageId: z.string() }).meta({ id: 'WebhookTest' });

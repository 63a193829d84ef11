import { z } from 'zod';
import type { NewStoreWebhook, StoreWebhook, StoreWebhookChange } from '../port.js';
import { idNumber } from './read-answer.js';

export const webhookSchema = z
  .object({
    id: idNumber,
    name: z.string().catch(''),
    status: z.string(),
    topic: z.string(),
    delivery_url: z.string(),
    date_modified_gmt: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
      .transform((text) => new Date(`${text}Z`))
      .optional()
      .catch(undefined),
  })
  .transform(({ delivery_url, date_modified_gmt: modifiedAt, ...webhook }): StoreWebhook => ({
    ...webhook,
    deliveryUrl: delivery_url,
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  }));

export function webhookBody(webhook: NewStoreWebhook | StoreWebhookChange): string {
  const { deliveryUrl, ...rest } = webhook;
  return JSON.stringify({
    ...rest,
    ...(deliveryUrl === undefined ? {} : { delivery_url: deliveryUrl }),
  });
}

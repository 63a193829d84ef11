import { id } from '@quittance/sdk/answers';
import { z } from 'zod';
import { isEventFilter, WEBHOOK_EVENTS } from '../../../../domain/webhooks/events.js';
import { digits, pageQuery } from './page.js';
import { instant, storable } from './values.js';

const LONGEST_OVERLAP_SECONDS = 30 * 86_400;

const url = z.string().min(1).max(2000);
const description = storable.max(200);
const events = z
  .array(
    z.string().refine(isEventFilter, `must be *, or of ${Object.keys(WEBHOOK_EVENTS).join(', ')}`),
  )
  .min(1)
  .max(50)
  .meta({
    description: `Types, all of a kind like \`action.*\`, or \`*\` for all of your own: ${Object.entries(
      WEBHOOK_EVENTS,
    )
      .map(([type, { about }]) => `\`${type}\` (${about})`)
      .join(', ')}.`,
  });

export const webhookParams = z.strictObject({ id });

export const newWebhookBody = z.strictObject({
  url,
  description: description.default(''),
  events: events.default(['*']),
  signing: z.enum(['v1', 'v1a']).default('v1'),
});

export const webhookChange = z
  .strictObject({
    url: url.exactOptional(),
    description: description.exactOptional(),
    events: events.exactOptional(),
    enabled: z.boolean().exactOptional(),
  })
  .meta({ examples: [{ enabled: true }] });

export const rotateBody = z
  .strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(LONGEST_OVERLAP_SECONDS)
      .default(86_400)
      .meta({ description: 'How long the secret of now signs too.' }),
  })
  .nullish();

export const replayBody = z.strictObject({
  since: instant,
  only: z.enum(['undelivered', 'all']).default('undelivered'),
  preview: z.boolean().default(false).meta({ description: 'Count, and send nothing.' }),
});

export const deliveriesQuery = z.strictObject({
  state: z.enum(['waiting', 'delivered', 'given_up']).optional(),
  ...pageQuery(z.tuple([digits])),
});

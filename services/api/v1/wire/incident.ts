import { nextCursor, rowId, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { incidentKinds, type IncidentKind } from '../../../../domain/intake/incidents/kinds.js';
import { hookUrl, mailSettings } from '../../../../engine/intake/incidents/channel-settings.js';
import { digits, pageQuery } from './page.js';
import { storeId } from './stores.js';

const [firstKind, ...otherKinds] = incidentKinds();
const kind = z.enum([firstKind, ...otherKinds] as [IncidentKind, ...IncidentKind[]]);

const incident = {
  id: rowId,
  store: storeId,
  kind,
  cause: z.string(),
  severity: z.enum(['alert', 'info']),
  summary: z.string(),
  openedAt: time,
  raisedAt: time,
  verifiedAt: time.nullable().meta({ description: 'Null while the store did not confirm it.' }),
  healedAt: time.nullable(),
  healedBy: z.enum(['itself', 'operator']).nullable(),
  mutedUntil: time.nullable(),
  notices: z.int().min(0).meta({ description: 'How many notices of it were given.' }),
  toldAt: time.nullable(),
  orders: z.int().min(0),
  openOrders: z.int().min(0),
};

export const incidentQuery = z.strictObject({
  ...pageQuery(z.tuple([digits])),
  store: storeId.optional(),
  open: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({ description: 'Only those that are open, or only those that are over.' }),
});

export const incidentParams = z.strictObject({ id: rowId.transform(BigInt) });

export const incidentsAnswer = z
  .object({ incidents: z.array(z.object(incident)), nextCursor })
  .meta({ id: 'IncidentPage' });

export const incidentAnswer = z
  .object({
    ...incident,
    details: z.record(z.string(), z.unknown()),
    orderIds: z.array(z.string()).meta({ description: 'At most 1000.' }),
    told: z.array(
      z.object({
        step: z.int().min(1),
        what: z.enum(['opened', 'repeated', 'resolved']),
        at: time,
      }),
    ),
  })
  .meta({ id: 'Incident' });

export const muteBody = z.strictObject({
  until: time
    .transform((text) => new Date(text))
    .nullable()
    .meta({ description: 'Null: for as long as it is open.' }),
});

export const channelParams = z.strictObject({
  store: storeId,
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'must be 1 to 60 of a-z, 0-9 and -'),
});

export const channelBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mail'), ...mailSettings.shape }),
  z.strictObject({ kind: z.literal('chat'), hook: hookUrl, digest: mailSettings.shape.digest }),
]);

export const channelAnswer = z
  .object({
    id: rowId,
    store: storeId,
    name: z.string(),
    kind: z.enum(['mail', 'chat']),
    to: z.array(z.string()).nullable().meta({ description: 'Addresses of mail.' }),
    digest: z.boolean(),
    failures: z.int().min(0).meta({ description: 'Failures since the last success.' }),
    failingSince: time.nullable(),
    lastError: z.string().nullable(),
    lastSentAt: time.nullable(),
    waiting: z.int().min(0).meta({ description: 'Messages not yet sent.' }),
  })
  .meta({ id: 'Channel' });

export const channelsAnswer = z
  .object({ channels: z.array(channelAnswer) })
  .meta({ id: 'Channels' });

export const queuedAnswer = z.object({ queued: z.boolean() }).meta({ id: 'MessageQueued' });

import { z } from 'zod';
import { type IncidentKind, incidentKinds } from '../../../domain/intake/incidents/kinds.js';
import type { Message, ToldIncident } from '../../../domain/intake/incidents/message.js';

const id = z.string().regex(/^\d{1,19}$/);
const time = z.iso.datetime().transform((text) => new Date(text));

const told = z.object({
  id: id.transform(BigInt),
  kind: z.enum(incidentKinds() as [IncidentKind, ...IncidentKind[]]),
  as: z.enum(['opened', 'repeated', 'resolved', 'open', 'over']),
  verified: z.boolean(),
  summary: z.string(),
  openedAt: time,
  healedAt: time.nullable(),
  orderCount: z.int().min(0),
  openOrders: z.int().min(0),
  orderIds: z.array(id.transform(BigInt)),
});

const stored = z.object({
  store: z.object({ id: z.string(), name: z.string(), url: z.string(), zone: z.string() }),
  incidents: z.array(told),
});

/** As it is stored: integers as texts, since JSON's are not exact. */
export function contentJson({ store, incidents }: Pick<Message, 'store' | 'incidents'>): string {
  return JSON.stringify({ store, incidents }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

export function readContent(what: Message['what'], content: unknown): Message {
  const { store, incidents } = stored.parse(content);
  return { what, store, incidents: incidents satisfies readonly ToldIncident[] };
}

import type { ClientBase } from 'pg';
import type { Message } from '../../../domain/intake/incidents/message.js';
import { contentJson } from './content.js';

export interface Notice {
  readonly incidentId: bigint;
  readonly step: number;
  /** The channel that it is about: it is not told of its own failure. */
  readonly notByChannel: bigint | null;
}

/** One message per channel of the store with these notices, none of them twice. */
export async function notify(
  client: ClientBase,
  message: Message,
  notices: readonly Notice[],
): Promise<void> {
  const { rows: channels } = await client.query<{ id: bigint }>(
    'select id from notice_channels where store = $1 and removed_at is null order by id',
    [message.store.id],
  );
  for (const { id: channel } of channels) {
    const own = notices.filter(({ notByChannel }) => notByChannel !== channel);
    if (own.length === 0) continue;
    const ids = new Set(own.map(({ incidentId }) => incidentId));
    const incidents = message.incidents.filter(({ id }) => ids.has(id));
    await client.query(
      `with message as (
         insert into notifications (store, channel_id, what, content) values ($1, $2, $3, $4) returning id)
       insert into notification_notices (channel_id, incident_id, step, notification_id)
       select $2, incident_id, step, message.id
       from message, unnest($5::bigint[], $6::int[]) notice (incident_id, step)`,
      [
        ...[message.store.id, channel, message.what, contentJson({ ...message, incidents })],
        own.map(({ incidentId }) => incidentId),
        own.map(({ step }) => step),
      ],
    );
  }
}

/** A message that belongs to no notice. Gives whether it was added: a digest is written once per channel and day. */
export async function notifyChannel(
  client: ClientBase,
  channel: bigint,
  message: Message,
  day: string | null = null,
): Promise<bigint | null> {
  const { rows } = await client.query<{ id: bigint }>(
    `insert into notifications (store, channel_id, what, content, day) values ($1, $2, $3, $4, $5)
     on conflict (channel_id, day) where what = 'digest' do nothing returning id`,
    [message.store.id, channel, message.what, contentJson(message), day],
  );
  return rows[0]?.id ?? null;
}

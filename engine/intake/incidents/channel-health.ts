import type { ClientBase } from 'pg';
import { FAILING_AFTER, type Delivery } from '../../../domain/intake/incidents/delivery.js';
import { healIncident, raiseIncident } from './raise.js';

interface ChannelResult {
  readonly store: string;
  readonly channelId: bigint;
  readonly delivery: Delivery;
  readonly pauseMs: number;
}

export function causeOfChannel(id: bigint): string {
  return `channel/${id}`;
}

export function channelOfCause(cause: string): bigint | null {
  const id = /^channel\/(\d{1,18})$/.exec(cause)?.[1];
  return id === undefined ? null : BigInt(id);
}

/** What became of a message, on its channel: one that fails is an incident of its own, which the other channels tell. */
export async function recordHealth(client: ClientBase, result: ChannelResult): Promise<void> {
  const { store, channelId, delivery, pauseMs } = result;
  const reason = delivery.kind === 'sent' ? (delivery.problem ?? null) : delivery.reason;
  const asked = delivery.kind === 'unavailable' && delivery.retryAfterMs !== undefined;
  const { rows } = await client.query<{ failures: number; name: string }>(
    `update notice_channels set
       failures = case when $2::text is null then 0 else failures + 1 end,
       failing_since = case when $2::text is not null then coalesce(failing_since, clock_timestamp()) end,
       last_error = coalesce($2, last_error),
       last_sent_at = case when $2::text is null then clock_timestamp() else last_sent_at end,
       paused_until = case when $3::bool then clock_timestamp() + $4 * interval '1 millisecond' end
     where id = $1 returning failures, name`,
    [channelId, reason, asked, pauseMs],
  );
  const [channel] = rows;
  if (channel === undefined) return;
  const incident = { store, kind: 'channel_failing', cause: causeOfChannel(channelId) } as const;
  if (reason === null) {
    await healIncident(client, incident);
  } else if (delivery.kind !== 'unavailable' || channel.failures >= FAILING_AFTER) {
    const summary = `Channel “${channel.name}” does not take messages: ${reason}.`.slice(0, 1000);
    await raiseIncident(client, { ...incident, summary, verified: true });
  }
}

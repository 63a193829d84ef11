import type { ClientBase, Pool } from 'pg';
import type { Signing } from '../../adapters/webhooks/port.js';
import { inTransaction } from '../../db/transaction.js';
import { DISABLE_AFTER_SECONDS, retryAfterSeconds } from '../../domain/webhooks/retry-schedule.js';
import { tellOnce } from '../notices/tell.js';
import { decryptSecret } from '../stored-secrets.js';
import { aboutEndpoint, type WebhookContext } from './context.js';

/** At once to one endpoint: a slow one keeps no more of the room than this. One that fails is tried one at a time. */
const AT_ONCE = 2;

/** A message that is to be sent now. */
export interface DueMessage {
  readonly endpoint: string;
  readonly event: bigint;
  readonly lease: number;
  readonly url: string;
  readonly signing: Signing;
  /** The newest first. */
  readonly secrets: readonly string[];
  readonly messageId: string;
  readonly body: string;
}

interface Row {
  readonly endpoint: string;
  readonly event: bigint;
  readonly lease: number;
  readonly url: string;
  readonly signing: Signing;
  readonly secret: Buffer;
  readonly old: Buffer | null;
  readonly messageId: string;
  readonly type: string;
  readonly data: unknown;
  readonly at: Date;
}

/** Endpoints take turns at random, each with its oldest: whatever waits at one of them, the others' are found as fast. */
const TAKE = `
  with free as (
    select d.endpoint, d.event
    from (select e.id, case when e.failing_since is null then ${AT_ONCE} else 1 end - (
            select count(*) from webhook_deliveries l
            where l.endpoint = e.id and l.leased_until > clock_timestamp()) as room
          from webhook_endpoints e
          where e.disabled_at is null and exists (
            select from webhook_deliveries w where w.endpoint = e.id and w.state = 'waiting' and w.due_at <= now())
          order by random() limit $1) e
    cross join lateral (
      select endpoint, event from webhook_deliveries d
      where d.endpoint = e.id and d.state = 'waiting' and d.due_at <= now()
        and (d.leased_until is null or d.leased_until <= clock_timestamp())
      order by d.due_at, d.event limit greatest(0, e.room) for update skip locked) d
    limit $1),
  leased as (
    update webhook_deliveries d
    set lease = d.lease + 1, leased_until = clock_timestamp() + $2 * interval '1 second'
    from free f where d.endpoint = f.endpoint and d.event = f.event
    returning d.endpoint, d.event, d.lease)
  select l.*, p.url, p.signing, p.secret, e.message_id as "messageId", e.type, e.data, e.at,
    case when p.old_secret_until > clock_timestamp() then p.old_secret end as old
  from leased l join webhook_endpoints p on p.id = l.endpoint join webhook_events e on e.id = l.event`;

/** Leases up to `room` messages for so long: a sender that dies meanwhile leaves them to another one. */
export async function takeDue(
  { pool, keys }: Pick<WebhookContext, 'pool' | 'keys'>,
  { room, leaseSeconds }: { readonly room: number; readonly leaseSeconds: number },
): Promise<DueMessage[]> {
  const { rows } = await pool.query<Row>(TAKE, [room, leaseSeconds]);
  return rows.map(({ secret, old, type, data, at, ...row }) => ({
    ...row,
    secrets: [secret, old].flatMap((value) =>
      value === null ? [] : [decryptSecret(keys, aboutEndpoint(row.endpoint), value)],
    ),
    body: JSON.stringify({ type, timestamp: at.toISOString(), data }),
  }));
}

/** What became of a try: the status of the answer, or why there was none. */
export interface TryResult {
  readonly durationMs: number;
  readonly status: number | null;
  /** Null: it was delivered. */
  readonly error: string | null;
}

const GONE = 410;

/** Records a try. One of an older lease is history only: it decides nothing. Returns why the endpoint was disabled, if it was. */
export function recordTry(
  pool: Pool,
  sent: Pick<DueMessage, 'endpoint' | 'event' | 'lease'>,
  { durationMs, status, error }: TryResult,
): Promise<'failing' | 'gone' | undefined> {
  const { endpoint, event, lease } = sent;
  return inTransaction(pool, async (tx) => {
    // The endpoint first, as whoever deletes it.
    await tx.query('select from webhook_endpoints where id = $1 for no key update', [endpoint]);
    const { rows } = await tx.query<{ tries: number; lease: number }>(
      `select d.tries, d.lease from webhook_deliveries d where d.endpoint = $1 and d.event = $2 for update`,
      [endpoint, event],
    );
    const [row] = rows;
    // Deleted meanwhile.
    if (row === undefined) return undefined;
    await tx.query(
      `insert into webhook_tries (endpoint, event, duration_ms, status, error) values ($1, $2, $3, $4, $5)`,
      [endpoint, event, Math.round(durationMs), status, error?.slice(0, 200) ?? null],
    );
    if (error !== null && row.lease !== lease) return undefined;
    const again = error === null ? undefined : retryAfterSeconds(row.tries + 1, Math.random());
    const state = error === null ? 'delivered' : again === undefined ? 'given_up' : 'waiting';
    await tx.query(
      `update webhook_deliveries set state = $3, tries = tries + 1, leased_until = null, changed_at = clock_timestamp(),
         due_at = clock_timestamp() + $4 * interval '1 second'
       where endpoint = $1 and event = $2`,
      [endpoint, event, state, again ?? 0],
    );
    const { rows: disabled } = await tx.query<Disabled>(NOTE_RESULT, [
      ...[endpoint, error?.slice(0, 200) ?? null, status === GONE, DISABLE_AFTER_SECONDS],
    ]);
    await tellOwners(tx, disabled);
    return disabled[0]?.because;
  });
}

interface Disabled {
  readonly endpoint: string;
  readonly account: string;
  readonly url: string;
  readonly because: 'failing' | 'gone';
  readonly lastError: string | null;
  readonly at: string;
}

/** Also whoever has no other endpoint learns of it, once for each time that it is disabled. */
function tellOwners(tx: ClientBase, disabled: readonly Disabled[]): Promise<void> {
  return tellOnce(
    tx,
    disabled.map(({ endpoint, account, url, because, lastError, at }) => ({
      ...{ account, kind: 'WEBHOOK_DISABLED', key: `webhook-disabled/${endpoint}/${at}` },
      detail: { endpoint, url, because, lastError: lastError ?? '' },
    })),
  );
}

/** How the endpoint does. One that is disabled by it is told of to the account's other endpoints. */
const NOTE_RESULT = `
  with noted as (
    update webhook_endpoints set
      last_error = $2::text,
      failing_since = case when $2::text is null then null else coalesce(failing_since, clock_timestamp()) end,
      disabled_because = case
        when disabled_at is not null then disabled_because
        when $2::text is null then null
        when $3::boolean then 'gone'
        when failing_since < clock_timestamp() - $4::float8 * interval '1 second' then 'failing' end,
      disabled_at = case
        when disabled_at is not null then disabled_at
        when $2::text is null then null
        when $3::boolean or failing_since < clock_timestamp() - $4::float8 * interval '1 second' then clock_timestamp() end
    where id = $1 returning *),
  disabled as (
    select * from noted n
    where n.disabled_at is not null and n.disabled_because <> 'owner' and not exists (
      select from webhook_events e
      where e.account = n.account and e.type = 'webhook.disabled' and e.at >= n.disabled_at and e.data ->> 'endpoint' = n.id::text)),
  told as (
    insert into webhook_events (account, type, data)
    select account, 'webhook.disabled', jsonb_build_object(
      'endpoint', id, 'url', url, 'because', disabled_because, 'failingSince', failing_since, 'lastError', last_error)
    from disabled returning id, account),
  queued as (
    insert into webhook_deliveries (endpoint, event)
    select p.id, t.id from told t join webhook_endpoints p on p.account = t.account
    where p.disabled_at is null and p.id <> $1 and webhook_wants(p.events, 'webhook.disabled', false))
  select id as endpoint, account, url, disabled_because as because, last_error as "lastError", extract(epoch from disabled_at)::text as at
  from disabled`;

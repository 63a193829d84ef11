import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import { readEndpoint } from './endpoints.js';

export interface Replay {
  readonly account: string;
  readonly id: string;
  /** RFC 3339. */
  readonly since: string;
  /** `undelivered`: what has not arrived. `all`: also what has. */
  readonly only: 'undelivered' | 'all';
  /** Counts, and sends nothing. */
  readonly preview: boolean;
  readonly idempotencyKey?: IdempotencyKey;
}

/** What an endpoint wants of the account's events since then: sent again with the same ids. Returns how many. */
const WANTED = `
  select e.id from webhook_events e
  join webhook_endpoints p on p.id = $1
  left join webhook_deliveries d on d.endpoint = p.id and d.event = e.id
  where e.account = p.account and e.at >= $2::timestamptz and webhook_wants(p.events, e.type, false)
    and case when d.state is null then true when d.state = 'waiting' then false else $3 or d.state = 'given_up' end`;

/** Throws Refusal `webhook.not_found`. */
export function replay(
  pool: Pool,
  { account, id, since, only, preview, idempotencyKey }: Replay,
): Promise<{ readonly count: number }> {
  return inTransaction(pool, async (tx) => {
    await readEndpoint(tx, account, id);
    const wanted = [id, since, only === 'all'];
    if (preview) {
      const { rows } = await tx.query<{ n: number }>(
        `select count(*)::int as n from (${WANTED}) w`,
        wanted,
      );
      return { count: rows[0]?.n ?? 0 };
    }
    const first = idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'webhook', id }));
    if (first !== undefined) return { count: 0 };
    const { rowCount } = await tx.query(
      `insert into webhook_deliveries (endpoint, event) select $1, w.id from (${WANTED}) w
       on conflict (endpoint, event) do update
       set state = 'waiting', tries = 0, due_at = clock_timestamp(), changed_at = clock_timestamp()`,
      wanted,
    );
    return { count: rowCount ?? 0 };
  });
}

/** An event for this endpoint alone, whatever it asks for: to see that it arrives. Throws Refusal `webhook.not_found`. */
export function sendTest(
  pool: Pool,
  { account, id }: { readonly account: string; readonly id: string },
): Promise<{ readonly messageId: string }> {
  return inTransaction(pool, async (tx) => {
    await readEndpoint(tx, account, id);
    const { rows } = await tx.query<{ messageId: string }>(
      `with stored as (
         insert into webhook_events (account, type, data)
         values ($1, 'webhook.test', jsonb_build_object('endpoint', $2::text)) returning id, message_id),
       sent as (insert into webhook_deliveries (endpoint, event) select $2::uuid, id from stored)
       select message_id as "messageId" from stored`,
      [account, id],
    );
    return { messageId: rows[0]?.messageId ?? '' };
  });
}

export interface DeliveryTry {
  readonly at: Date;
  readonly durationMs: number;
  readonly status: number | null;
  /** Null: it was delivered. */
  readonly error: string | null;
}

export interface Delivery {
  readonly event: bigint;
  readonly messageId: string;
  readonly type: string;
  readonly data: unknown;
  readonly at: Date;
  readonly state: 'waiting' | 'delivered' | 'given_up';
  readonly dueAt: Date;
  readonly tries: readonly DeliveryTry[];
}

interface RawTry {
  readonly at: string;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** Newest first, each with its newest tries. */
export async function listDeliveries(
  db: Pick<ClientBase, 'query'>,
  id: string,
  page: {
    readonly before: bigint;
    readonly limit: number;
    readonly state: Delivery['state'] | null;
  },
): Promise<Delivery[]> {
  const { rows } = await db.query<Omit<Delivery, 'tries'> & { tries: RawTry[] }>(
    `select e.id as event, e.message_id as "messageId", e.type, e.data, e.at, d.state, d.due_at as "dueAt",
       coalesce((select jsonb_agg(t order by t."at") from (
         select at, duration_ms as "durationMs", status, error from webhook_tries
         where endpoint = d.endpoint and event = d.event order by at desc limit 20) t), '[]') as tries
     from webhook_deliveries d join webhook_events e on e.id = d.event
     where d.endpoint = $1 and d.event < $2 and ($3::text is null or d.state = $3)
     order by d.event desc limit $4`,
    [id, page.before, page.state, page.limit],
  );
  return rows.map((row) => ({
    ...row,
    tries: row.tries.map((one) => ({ ...one, at: new Date(one.at) })),
  }));
}

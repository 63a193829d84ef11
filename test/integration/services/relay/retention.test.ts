import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOldRows, retainedTables } from '../../../../services/relay/maintenance/retention.js';
import { relayDatabase, type Database } from './fixture.helper.js';

let database: Database;

beforeAll(async () => {
  database = await relayDatabase();
});

afterAll(() => database.close());

const NEVER = new AbortController().signal;

async function deleteAll(): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {};
  for (const table of retainedTables(24, 31)) {
    deleted[table.table] = await deleteOldRows(database.pool, table, NEVER);
  }
  return deleted;
}

const count = async (table: string): Promise<number> => {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::int as n from ${table}`,
  );
  return rows[0]?.n ?? NaN;
};

describe('retention', () => {
  it('deletes rows that were kept long enough, in several batches, and no others', async () => {
    await database.pool.query(`
      insert into outbox (destination, kind, ordering_key, subject, payload, created_at, published_at)
      select 'nats', 'event', 'k', 's', '{}', now() - interval '9 days', now() - interval '25 hours'
      from generate_series(1, 2500);
      insert into outbox (destination, kind, ordering_key, subject, payload, created_at, published_at)
      values ('nats', 'event', 'k', 's', '{}', now() - interval '9 days', now() - interval '23 hours'),
             ('nats', 'event', 'k', 's', '{}', now() - interval '9 days', null);
      insert into idempotency_keys (scope, key, body_hash, thing_kind, thing_id, created_at) values
        (sha256('s'), 'old', sha256('b'), 'action', '1', now() - interval '31 days'),
        (sha256('s'), 'young', sha256('b'), 'action', '2', now() - interval '29 days');
      insert into actions (id, type, capability_hash, args, request_hash, cost_msat)
      select gen_random_uuid(), 'X', sha256('c'), '{}', sha256('r'), 1000;
      insert into exclusive_keys (key, action_id, until)
      select k.key, a.id, now() - k.ago from actions a, (values
        ('old', interval '61 minutes'), ('young', interval '59 minutes'), ('kept', null)) as k (key, ago);
      insert into effects (action_id, attempt, kind, created_at, done_at)
      select a.id, 1, k.kind, now() - interval '60 days', now() - k.ago from actions a, (values
        ('old', interval '31 days 1 hour'), ('young', interval '30 days 23 hours'), ('to do', null)) as k (kind, ago);
      insert into deliveries (kind, key, action_id, address, due_at, done_at, delivered)
      select 'ZAP_RECEIPT', k.key, a.id, 'wss://relay.example', now() - interval '60 days', now() - k.ago, k.ago < interval '99 days'
      from actions a, (values
        ('old', interval '7 days 1 hour'), ('young', interval '6 days 23 hours'), ('to do', null)) as k (key, ago);
      insert into webhook_events (type, data, at)
      select k.type, '{}', now() - k.ago from (values
        ('old', interval '30 days 1 hour'), ('young', interval '29 days 23 hours')) as k (type, ago);
      insert into webhook_deliveries (endpoint, event) select gen_random_uuid(), id from webhook_events;
      insert into order_drafts (id, body, digest, created_at)
      select gen_random_uuid(), 'x', repeat('0', 64), now() - n * interval '20 hours' from generate_series(1, 2) n;
      insert into orders (id, channel, state, min_bid_msat, message_size, ota_bytes, message_digest, regions,
        tx_seq_num, confirm_timeout_seconds, started_at, ended_at)
      select gen_random_uuid(), 1, 'sent', 1000, 1, 53, repeat('0', 64), 63, n, 60, at, at
      from generate_series(30, 32) n, lateral (select now() - n * interval '1 day' as at) t;
      insert into order_messages (order_id, body, ended_at) select id, 'x', ended_at from orders`);
    const none = { order_messages: 0, order_drafts: 0, outbox: 0 };
    expect(await deleteAll()).toEqual({
      ...{ order_messages: 2, order_drafts: 1, outbox: 2500 },
      ...{ idempotency_keys: 1, exclusive_keys: 1, items: 0 },
      ...{ effects: 1, deliveries: 1, webhook_events: 1 },
    });
    const left = await database.pool.query(
      `select array(select kind from effects order by 1) as effects, array(select key from deliveries order by 1) as deliveries,
         array(select type from webhook_events) as events, (select count(*)::int from webhook_deliveries) as tries`,
    );
    expect(left.rows).toEqual([
      {
        ...{ effects: ['to do', 'young'], deliveries: ['to do', 'young'] },
        ...{ events: ['young'], tries: 1 },
      },
    ]);
    expect(await count('exclusive_keys')).toBe(2);
    expect(await count('outbox')).toBe(2);
    const { rows } = await database.pool.query(`select key as left from idempotency_keys`);
    expect(rows).toEqual([{ left: 'young' }]);
    expect(await count('order_messages')).toBe(1);
    expect(await deleteAll()).toEqual({
      ...{ ...none, idempotency_keys: 0, exclusive_keys: 0, items: 0 },
      ...{ effects: 0, deliveries: 0, webhook_events: 0 },
    });
  });
});

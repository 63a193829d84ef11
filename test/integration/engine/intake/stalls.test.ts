import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IntakeFixture, type TestStore } from './fixture.helper.js';

let fixture: IntakeFixture;
beforeAll(async () => {
  fixture = await IntakeFixture.start();
});
afterAll(() => fixture.close());

/** Orders that entered their status so long ago, all of them to be looked at now. */
async function age(store: TestStore, ids: readonly bigint[], days: number): Promise<void> {
  await fixture.pool.query(
    `update store_orders set status_since = status_since - $3 * interval '1 day', due_at = clock_timestamp()
     where store = $1 and order_id = any ($2)`,
    [store.id, ids, days],
  );
}

describe('orders that stall', () => {
  it('together are one incident, which ends with the last of them and is not learned from', async () => {
    const store = await fixture.store('stall');
    const ids = [1n, 2n, 3n, 4n, 5n, 6n];
    for (const id of ids) await store.tell('created', { id });
    await age(store, ids.slice(0, 4), 30);
    await store.run('orders');
    expect(await store.incidents()).toEqual({ 'order_stuck/processing': ['1', '2', '3', '4'] });
    await age(store, ids.slice(4), 30);
    await store.run('orders');
    expect(await store.incidents()).toEqual({
      'mass_stall/processing': ['1', '2', '3', '4', '5', '6'],
    });
    for (const id of ids) await store.tell('updated', { id, status: 'completed', modified: 90 });
    expect(await store.incidents()).toEqual({});
    const { rows } = await fixture.pool.query<{ excluded: boolean }>(
      `select distinct excluded from store_order_steps where store = $1 and status = 'processing'`,
      [store.id],
    );
    expect(rows).toEqual([{ excluded: true }]);
  });

  it('together, but few of the many that began with them, are told one by one', async () => {
    const store = await fixture.store('busy');
    const slow = [1n, 2n, 3n, 4n, 5n];
    for (const id of slow) await store.tell('created', { id });
    for (let id = 11n; id <= 56n; id += 1n) {
      await store.tell('created', { id });
      await store.tell('updated', { id, status: 'completed', modified: 90 });
    }
    await age(store, slow, 30);
    await fixture.pool.query(
      `update store_order_steps set entered_at = entered_at - interval '30 days', left_at = left_at - interval '29 days'
       where store = $1 and status = 'processing'`,
      [store.id],
    );
    await store.run('orders');
    expect(await store.incidents()).toEqual({ 'order_stuck/processing': slow.map(String) });
  });

  it('at different times are no mass stall', async () => {
    const store = await fixture.store('slow');
    for (let id = 1n; id <= 6n; id += 1n) {
      await store.tell('created', { id });
      await age(store, [id], 30 + 7 * Number(id));
    }
    await store.run('orders');
    expect(Object.keys(await store.incidents())).toEqual(['order_stuck/processing']);
  });
});

describe('a burst of losses', () => {
  it('is over once nothing more was lost for a while', async () => {
    const store = await fixture.store('calm', { calmSeconds: 600 });
    store.has({ id: 1n });
    await store.run('reconcile');
    await store.run('gaps');
    expect(await store.incidents()).toEqual({ 'orders_lost/orders': ['1'] });
    await fixture.pool.query(
      `update incidents set news_at = news_at - interval '11 minutes' where store = $1`,
      [store.id],
    );
    await store.run('gaps');
    expect(await store.incidents()).toEqual({});
  });

  it('is not told of deliveries that were received and are applied late by us', async () => {
    const store = await fixture.store('backlog');
    await store.deliver('order.created', store.has({ id: 1n }));
    await store.run('reconcile');
    await store.run('gaps');
    expect(await store.incidents()).toEqual({});
    expect(await store.statuses()).toEqual({ 1: 'processing' });
  });
});

describe('silence', () => {
  /** An hour of the store in each second of ours: four weeks are eleven minutes. */
  const RATE = 3600;

  /** Deliveries by the store's clock: every ten minutes from 9 to 17 of its working days, until an hour of a Wednesday there. */
  async function quietSince(id: string, hour: number, silentHours: number): Promise<TestStore> {
    const store = await fixture.store(id);
    await fixture.pool.query(
      `update stores set zone = 'Asia/Tokyo', clock_rate = $2::float8, clock_database_at = clock_timestamp(),
         clock_store_at = (timestamp '2026-03-25' + $3 * interval '1 hour') at time zone 'Asia/Tokyo', installed_at = timestamptz '2026-02-01'
       where id = $1`,
      [id, RATE, hour + silentHours],
    );
    await fixture.pool.query(
      `insert into store_events (store, dedupe_key, topic, headers, body, body_bytes, verified, outcome, applied_at, received_at)
       select id, sha256(local::text::bytea), 'order.updated', '{}', '', 0, true, 'same', now(),
         clock_database_at - (clock_store_at - local at time zone zone) / clock_rate
       from stores, generate_series(timestamp '2026-02-27', timestamp '2026-03-25' + $2 * interval '1 hour', interval '10 minutes') local
       where id = $1 and extract(isodow from local) < 6 and extract(hour from local) between 9 and 16`,
      [id, hour],
    );
    return store;
  }

  it('by the store’s clock and its habits is told, once the store says that it has changed orders', async () => {
    const store = await quietSince('silent', 12, 3);
    await store.run('silence');
    // The store is quiet itself.
    expect(await store.incidents()).toEqual({});
    store.api.all.set(1n, { ...firstOf(store), modifiedAt: new Date('2026-03-25T04:00:00Z') });
    await store.run('silence');
    expect(await store.incidents()).toEqual({ 'silence/deliveries': [] });
  });

  it('of a night is none', async () => {
    const store = await quietSince('night', 17, 15);
    store.api.all.set(1n, { ...firstOf(store), modifiedAt: new Date('2026-03-25T10:00:00Z') });
    await store.run('silence');
    expect(await store.incidents()).toEqual({});
  });

  function firstOf(store: TestStore) {
    store.has({ id: 1n });
    const order = store.api.all.get(1n);
    if (order === undefined) throw new Error('the order was not read');
    return order;
  }
});

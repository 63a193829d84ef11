import { afterAll, beforeAll, expect, it } from 'vitest';
import { countErasable, erase } from '../../../../engine/intake/retention/erase.js';
import { askForSlips } from '../../../../engine/intake/slips/ask-for-slips.js';
import { IntakeFixture, type TestStore } from './fixture.helper.js';

let fixture: IntakeFixture;
beforeAll(async () => {
  fixture = await IntakeFixture.start();
});
afterAll(() => fixture.close());

const EVE = 'eve@example.org';
const items = [{ id: 1, name: 'Course', product_id: 9, quantity: 1, total: '1', meta_data: [] }];

/** Every text and every byte that is stored of a store. */
async function stored(store: TestStore): Promise<string> {
  const parts = await Promise.all(
    [
      'store_events',
      'store_orders',
      'participants',
      'slips',
      'store_order_trail',
      'incidents',
      'outbox',
    ].map(async (table) => {
      const of = table === 'outbox' ? '' : `where t.store = '${store.id}'`;
      const { rows } = await fixture.pool.query<{ text: string }>(
        `select t::text || coalesce(${table === 'store_events' ? `encode(t.body, 'escape')` : `''`}, '') as text from ${table} t ${of}`,
      );
      return rows.map(({ text }) => text).join('\n');
    }),
  );
  return parts.join('\n');
}

async function twoPeople(id: string): Promise<TestStore> {
  const store = await fixture.store(id, { slips: {} });
  await store.tell('created', { id: 1n, email: EVE, items });
  await store.tell('updated', { id: 1n, email: EVE, items, modified: 70 });
  await store.tell('created', { id: 2n, items });
  await store.deliver('order.created', store.body({ id: 3n, email: EVE, items }), 'wrong');
  return store;
}

it('a person is erased from orders, participants and raw bodies, and the rows stay', async () => {
  const store = await twoPeople('erased');
  const { pool, context } = fixture;
  const target = { what: 'email', value: 'Eve@Example.org' } as const;
  expect(await stored(store)).toContain(EVE);
  const counts = { orders: 1, participants: 1, slips: 0, deliveries: 3 };
  // Bodies of refused deliveries are searched for the address as it was written.
  const exact = { what: 'email', value: EVE } as const;
  expect(await countErasable(pool, store.id, exact)).toEqual(counts);
  expect(await countErasable(pool, store.id, target)).toMatchObject({ orders: 1, participants: 1 });
  expect(await erase(pool, store.id, exact)).toEqual(counts);
  expect(await erase(pool, store.id, exact)).toMatchObject({ orders: 0, deliveries: 0 });
  const text = await stored(store);
  expect(text).not.toContain(EVE);
  expect(text).toContain('payer@example.org');
  expect(await store.statuses()).toEqual({ 1: 'processing', 2: 'processing' });
  expect(await store.outcomes()).toHaveLength(4);
  // Nothing is mailed of it, and a later snapshot is not kept.
  const ask = { store: store.id, orderId: null, again: false, preview: true };
  expect(await askForSlips(context, ask)).toMatchObject({ mails: 0 });
  await store.tell('updated', { id: 1n, email: EVE, items, modified: 90, status: 'completed' });
  expect(await store.statuses()).toMatchObject({ 1: 'completed' });
  await store.run('retention');
  expect(await stored(store)).not.toContain(EVE);
});

it('what is old is erased by night, and what is still to be applied is not', async () => {
  const store = await twoPeople('old');
  const { pool } = fixture;
  await pool.query(
    `update store_events set received_at = received_at - interval '91 days' where store = $1 and (order_id = 1 or not verified)`,
    [store.id],
  );
  await pool.query(
    `update store_orders set modified_at = modified_at - interval '731 days' where store = $1 and order_id = 2`,
    [store.id],
  );
  await store.deliver('order.updated', store.body({ id: 2n, items, modified: 80 }));
  await pool.query(
    `update store_events set received_at = received_at - interval '91 days' where store = $1 and outcome is null and verified`,
    [store.id],
  );
  await store.run('retention');
  const { rows } = await pool.query<{ erased: string }>(
    `select concat_ws('/', order_id, erased_at is not null, octet_length(body) > 0) as erased from store_events
     where store = $1 order by id`,
    [store.id],
  );
  expect(rows.map(({ erased }) => erased)).toEqual(['1/t/f', '1/t/f', '2/t/f', 't/f', 'f/t']);
  const orders = await pool.query<{ id: bigint }>(
    `select order_id as id from store_orders where store = $1 and erased_at is not null`,
    [store.id],
  );
  expect(orders.rows.map(({ id }) => id)).toEqual([2n]);
});

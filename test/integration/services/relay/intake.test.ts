import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { publish } from '../../../../services/shared/publish.js';
import { waitUntil } from '../../../support/wait-until.js';
import { IntakeFixture, type TestStore } from '../../engine/intake/fixture.helper.js';
import { freshStreams, natsForTest } from './fixture.helper.js';
import { type RelayProcess, startRelay } from './relay-process.helper.js';

const ORDERS = 40;

let fixture: IntakeFixture;
let store: TestStore;
let nc: Awaited<ReturnType<typeof natsForTest>>;
const relays: RelayProcess[] = [];

beforeAll(async () => {
  fixture = await IntakeFixture.start();
  store = await fixture.store('shop');
  nc = await natsForTest();
  await freshStreams(nc);
});
afterEach(async () => {
  for (const relay of relays.splice(0)) await kill(relay);
});
afterAll(async () => {
  await nc.close();
  await fixture.close();
});

async function relay(): Promise<RelayProcess> {
  const started = await startRelay({ DATABASE_URL: fixture.url });
  relays.push(started);
  return started;
}

async function kill({ child, exit }: RelayProcess): Promise<void> {
  child.kill('SIGKILL');
  await exit;
}

async function applied(): Promise<number> {
  return (await store.outcomes()).filter((outcome) => outcome !== null).length;
}

it('applies each delivery once, though a relay is killed in the middle and messages come again', async () => {
  for (let id = 1; id <= ORDERS; id += 1) {
    await store.deliver('order.created', store.body({ id: BigInt(id) }));
  }
  // The relay gets stuck in the middle of them: a lock is held on one.
  const holder = await fixture.pool.connect();
  await holder.query('begin');
  await holder.query(
    `select from store_events where id = (select id from store_events order by id offset ${ORDERS / 2} limit 1) for update`,
  );
  const first = await relay();
  await waitUntil('the first half is applied', async () => (await applied()) >= ORDERS / 2);
  await kill(first);
  await holder.query('rollback');
  holder.release();
  await relay();
  await waitUntil('all are applied', async () => (await applied()) === ORDERS, 90_000);
  // The same once more, as after a restore of NATS: other messages of the same events.
  const epoch = await readEpoch(fixture.pool);
  for (let event = 1; event <= 5; event += 1) {
    const subject = `intake.${store.id}.order.created`;
    const body = { event: String(event) };
    await publish(nc.jetstream(), { subject, body, messageId: `again-${event}`, epoch });
  }
  await waitUntil('they are handled', async () => {
    const { rows } = await fixture.pool.query<{ count: number }>(
      `select count(*)::int as count from applied_messages where consumer = 'intake'`,
    );
    return rows[0]?.count === ORDERS + 5;
  });
  const { rows } = await fixture.pool.query<{ times: number; orders: number }>(
    `select count(*)::int as times, count(distinct order_id)::int as orders from store_order_trail where what = 'created'`,
  );
  expect(rows).toEqual([{ times: ORDERS, orders: ORDERS }]);
}, 150_000);

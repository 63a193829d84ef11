import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../../../../db/migrate.js';
import { emptyDatabase } from '../../../../support/empty-database.js';
import type { Person } from '../bugs/bugs.helper.js';
import { ActionFixture } from '../fixture.helper.js';
import { itemOf, World } from './world.helper.js';

let world: World;

/** With the limits as the migrations have them: other tests lift them. */
beforeAll(async () => {
  const database = await emptyDatabase();
  await migrate({ connectionString: database.url });
  world = await World.create(await ActionFixture.on(database));
});
afterAll(() => world.fixture.close());

const post = (title: string) => ({ type: 'ITEM_CREATE', args: { title } });
const open = (by: Person, request: { type: string; args: unknown }) =>
  world.fixture.open(by, request);
/** As if so much time had passed since all that there is was opened. */
const wait = async (seconds: number): Promise<void> => {
  await world.fixture.pool.query(
    `with older as (update items set created_at = created_at - $1 * interval '1 second')
     update exclusive_keys set until = until - $1 * interval '1 second'`,
    [seconds],
  );
};

it('within ten minutes each further post costs ten times as much, and then as little as before', async () => {
  const by = await world.fixture.account('often', 1_000_000_000n);
  const costs: bigint[] = [];
  for (const title of ['Number one', 'Number two', 'Number three']) {
    costs.push((await open(by, post(title))).view.costMsat);
  }
  expect(costs).toEqual([1_000n, 10_000n, 100_000n]);
  await wait(599);
  expect((await open(by, post('Number four'))).view.costMsat).toBe(1_000_000n);
  await wait(601);
  expect((await open(by, post('Number five'))).view.costMsat).toBe(1_000n);
});

it('within ten minutes the same post is refused', async () => {
  const by = await world.fixture.account('again', 1_000_000_000n);
  await open(by, post('The same'));
  await expect(open(by, post('The same'))).rejects.toMatchObject({ code: 'item.duplicate' });
  await wait(599);
  await expect(open(by, post('The same'))).rejects.toMatchObject({ code: 'item.duplicate' });
  await wait(2);
  expect((await open(by, post('The same'))).view.state).toBe('PAID');
});

it('after three unpaid items in a row there is no fourth until one is paid', async () => {
  const by = await world.fixture.account('unpaid');
  const views = [];
  for (const title of ['Never paid 1', 'Never paid 2', 'Never paid 3']) {
    views.push(await world.unpaid(post(title), by));
  }
  await expect(open(by, post('Never paid 4'))).rejects.toMatchObject({
    code: 'item.too_many_unpaid',
  });
  const [first] = views;
  if (first !== undefined) await world.pay(first);
  expect((await world.unpaid(post('Never paid 4'), by)).state).toBe('PENDING');
});

it('a comment that spam has made more expensive is not free', async () => {
  const root = itemOf((await open(world.author, post('A thread'))).view);
  const by = await world.fixture.account('poor');
  const reply = (text: string) => ({
    type: 'ITEM_CREATE',
    args: { kind: 'comment', parentId: root, text },
  });
  expect((await open(by, reply('first'))).view).toMatchObject({ state: 'PAID', costMsat: 0n });
  expect((await open(by, reply('second'))).view).toMatchObject({
    ...{ state: 'PENDING', costMsat: 10_000n },
  });
  await wait(601);
  expect((await open(by, reply('third'))).view).toMatchObject({ state: 'PAID', costMsat: 0n });
});

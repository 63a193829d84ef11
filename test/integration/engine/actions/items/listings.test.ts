import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deleteItem } from '../../../../../engine/items/delete-item.js';
import { readFeed, readTerritoryFeed } from '../../../../../engine/items/read-items.js';
import { rollUpItems } from '../../../../../engine/items/roll-up.js';
import { World } from './world.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

const NAMES = ['north', 'south'] as const;
const places = fc.subarray([...NAMES]);
const change = fc.oneof(
  fc.record({ what: fc.constant('post' as const), places }),
  fc.record({ what: fc.constant('move' as const), item: fc.nat(20), places }),
  fc.record({
    what: fc.constantFrom('zap' as const, 'delete' as const, 'stop' as const),
    item: fc.nat(20),
  }),
  fc.record({ what: fc.constant('pending' as const), places }),
);
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

async function make(one: Change, items: string[]): Promise<void> {
  const job = { kind: 'job', url: 'https://a.b', company: 'c' };
  if (one.what === 'post') {
    items.push(await world.item({ ...job, territories: one.places }));
    return;
  }
  if (one.what === 'pending') {
    const args = { title: `Pending ${items.length}`, territories: one.places };
    await world.unpaid({ type: 'ITEM_CREATE', args }, world.author);
    return;
  }
  const itemId = items[one.item % items.length];
  if (itemId === undefined) return;
  if (one.what === 'zap') await world.paid('ZAP', { itemId, sats: 7 }, world.rich);
  else if (one.what === 'delete') {
    items.splice(items.indexOf(itemId), 1);
    await deleteItem(world.fixture.pool, itemId, world.author.id);
  } else {
    const edit =
      one.what === 'move' ? { territories: one.places } : { stopped: one.item % 2 === 0 };
    await world.paid('ITEM_UPDATE', { itemId, ...edit });
    if (one.what === 'stop' && one.item % 2 === 0) items.splice(items.indexOf(itemId), 1);
  }
}

it('a territory’s lists are those of all, of its posts only, whatever happens to them', async () => {
  const { pool } = world.fixture;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 4, maxLength: 12 }), async (changes) => {
      const items: string[] = [];
      for (const one of changes) await make(one, items);
      while (await rollUpItems(pool));
      for (const order of ['hot', 'top', 'recent'] as const) {
        const all = await readFeed(pool, order, null, undefined, 1_000);
        for (const name of NAMES) {
          const own = await readTerritoryFeed(pool, name, order, null, undefined, 1_000);
          expect(own.map(({ id }) => id)).toEqual(
            all.filter(({ territories }) => territories.includes(name)).map(({ id }) => id),
          );
        }
      }
    }),
    { numRuns: 10 },
  );
});

it('is read by its index, however many posts there are', async () => {
  const client = await world.fixture.pool.connect();
  try {
    await client.query('begin; set local enable_sort = off; set local enable_seqscan = off');
    for (const column of ['hot_key', 'top_msat', 'paid_at']) {
      const { rows } = await client.query<Record<'QUERY PLAN', string>>(
        `explain select item_id from item_listings where territory = 'north' order by ${column} desc, item_id desc limit 51`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Index (Only )?Scan using item_listings_/);
      expect(plan).not.toMatch(/Sort|Seq Scan/);
    }
  } finally {
    await client.query('rollback');
    client.release();
  }
});

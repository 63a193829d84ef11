import { afterAll, beforeAll, expect, it } from 'vitest';
import { recomputeTrust } from '../../../../engine/trust/recompute.js';
import { addSeed, territoriesByAge } from '../../../../engine/trust/run.js';
import { World } from '../actions/items/world.helper.js';
import { zapOf } from '../actions/fixture.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

const values = async () => {
  const { rows } = await world.fixture.pool.query<{ name: string; trust: number }>(
    `select a.name, v.post_by_seeds as trust from trust_values v join accounts a on a.id = v.account_id
     where v.territory = 'bitcoin' order by a.name`,
  );
  return rows;
};

it('follows votes from the seeds, goes on where it stopped, and counts nothing unpaid', async () => {
  const { fixture } = world;
  const names = ['seed', 'alike', 'apart', 'quiet'];
  const [seed, alike, apart, quiet] = await Promise.all(
    names.map((name) => fixture.account(name, 1_000_000_000n)),
  );
  if (!seed || !alike || !apart || !quiet) throw new Error('accounts are missing');
  await addSeed(fixture.pool, seed.id);
  for (let n = 0; n < 6; n += 1) {
    const itemId = await world.item({ territories: ['Bitcoin'] });
    await world.paid('ZAP', zapOf(itemId, 10).args, alike);
    if (n < 3) await world.paid('ZAP', zapOf(itemId, 5).args, apart);
    await world.unpaid(zapOf(itemId, 10), quiet);
    await world.paid('ZAP', zapOf(itemId, 10).args, seed);
  }
  expect(await territoriesByAge(fixture.pool)).toEqual(['', 'bitcoin']);
  const stop = new Error('stopped');
  await expect(recomputeTrust(fixture.pool, 'bitcoin', () => Promise.reject(stop))).rejects.toBe(
    stop,
  );
  expect(await fixture.count('trust_edges')).toBe(3);
  await recomputeTrust(fixture.pool, 'bitcoin');
  expect(await fixture.count('trust_edges')).toBe(0);
  expect(await fixture.count('trust_runs where finished_at is not null')).toBe(1);
  expect(await values()).toEqual([
    { name: 'alike', trust: 1 },
    { name: 'seed', trust: 1 },
  ]);
  await world.paid('ZAP', zapOf(await world.item({ territories: ['bitcoin'] }), 100).args, alike);
  expect(
    await fixture.count('item_counters where weighted_votes > 1.99 and weighted_votes < 2.01'),
  ).toBe(1);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../../../db/transaction.js';
import { rollUpItems } from '../../../../../engine/items/roll-up.js';
import { fillShares } from '../../../../../engine/rewards/earners.js';
import { addSeed } from '../../../../../engine/trust/run.js';
import { World } from '../items/world.helper.js';
import { giveSats } from './bugs.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

const topOf = async (itemId: string): Promise<bigint> => {
  while (await rollUpItems(world.fixture.pool));
  const { rows } = await world.fixture.pool.query<{ top: bigint }>(
    'select top_msat as top from items where id = $1',
    [itemId],
  );
  return rows[0]?.top ?? -1n;
};

describe('types', () => {
  it('B52: a boost counts when it is paid, in its own unit, and for its own item only', async () => {
    const [itemId, other] = [await world.item(), await world.item()];
    const [before, otherBefore] = [await topOf(itemId), await topOf(other)];
    const request = { type: 'BOOST', args: { itemId, sats: 3 } };
    const failing = await world.unpaid(request, world.payer);
    expect(await topOf(itemId)).toBe(before);
    await world.fail(failing);
    expect(await topOf(itemId)).toBe(before);
    await world.paid('BOOST', request.args, world.rich);
    expect(await topOf(itemId)).toBe(before + 3_000n);
    expect(await topOf(other)).toBe(otherBefore);
  });

  it('B53: of another’s unpaid post with the same address nobody is told', async () => {
    const same = {
      type: 'ITEM_CREATE',
      args: { title: 'The same news', url: 'https://news.example/1' },
    };
    await world.fixture.pool.query('update item_rules set duplicate_seconds = 600');
    await world.unpaid(same, world.payer);
    const { view } = await world.fixture.open(world.rich, same);
    expect(view).toMatchObject({ state: 'PAID', costMsat: 1_000n });
    await world.fixture.pool.query('update item_rules set duplicate_seconds = 0');
  });

  it('B56: what is no act on an item earns nothing, however much is spent', async () => {
    const spender = await world.fixture.account('spender', 1_000_000n);
    await addSeed(world.fixture.pool, spender.id);
    await giveSats(world.fixture, spender, 1_000_000n);
    await world.item({}, spender);
    await world.paid('DONATE', { sats: 100 }, spender);
    await world.fixture.open(spender, {
      ...{ type: 'BUY_CREDITS', args: { sats: 100 }, payment: 'credits' },
    });
    const day = new Date().toISOString().slice(0, 10);
    await inTransaction(world.fixture.pool, async (tx) => {
      await tx.query('insert into reward_days (day, through_entry, pool_msat) values ($1, 0, 0)', [
        day,
      ]);
      await fillShares(tx, day);
    });
    expect(await world.fixture.count('reward_shares')).toBe(0);
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollUpItems } from '../../../../../engine/items/roll-up.js';
import { readFeed } from '../../../../../engine/items/read-items.js';
import { itemChecks } from '../../../../../services/cli/doctor/checks/items.js';
import { zapOf } from '../fixture.helper.js';
import { itemOf, World } from './world.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

async function offenders(): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { offenders: sql } of itemChecks) {
    const { rows } = await world.fixture.pool.query<{ id: unknown }>(sql);
    found.push(...rows);
  }
  return found;
}

const rollUp = async (): Promise<void> => {
  while (await rollUpItems(world.fixture.pool));
};

/** One thing that happens to one of the items there are. */
const step = fc.record({
  what: fc.constantFrom(
    'zap',
    'down',
    'boost',
    'comment',
    'failed zap',
    'pending comment',
    'roll up',
  ),
  item: fc.nat(1_000),
  sats: fc.integer({ min: 1, max: 1_000_000 }),
});

async function take(
  { what, item, sats }: { what: string; item: number; sats: number },
  items: string[],
): Promise<void> {
  const itemId = items[item % items.length] ?? '';
  switch (what) {
    case 'zap':
      await world.paid('ZAP', zapOf(itemId, sats).args, world.rich);
      return;
    case 'down':
      await world.paid('DOWN_ZAP', { itemId, sats }, world.rich);
      return;
    case 'boost':
      await world.paid('BOOST', { itemId, sats }, world.rich);
      return;
    case 'comment':
      items.push(await world.comment(itemId, `comment ${items.length}`));
      return;
    case 'failed zap':
      await world.fail(await world.unpaid(zapOf(itemId, sats), world.payer));
      return;
    case 'pending comment':
      await world.unpaid(
        { type: 'ITEM_CREATE', args: { kind: 'comment', parentId: itemId, text: 'unpaid' } },
        world.rich,
      );
      return;
    default:
      await rollUp();
  }
}

describe('counters', () => {
  it('equal a recount of what is paid, summed up or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const root = await world.item();
        const items = [root];
        for (const one of steps) await take(one, items);
        expect(await offenders()).toEqual([]);
        const before = await Promise.all(items.map((id) => world.counters(id)));
        await rollUp();
        const after = await Promise.all(items.map((id) => world.counters(id)));
        expect(after.map(rounded)).toEqual(before.map(rounded));
        expect(await world.fixture.count('item_deltas')).toBe(0);
      }),
      { numRuns: 6 },
    );
  });

  it('a hundred at once for one item do not wait for each other, nor for the sum', async () => {
    const itemId = await world.item();
    const summing = (async () => {
      for (let n = 0; n < 10; n += 1) await rollUp();
    })();
    const views = await Promise.all(
      Array.from({ length: 20 }, (_, n) => world.fixture.account(`at-once-${n}`, 10_000_000n)),
    ).then((zappers) =>
      Promise.all(
        zappers.flatMap((by) =>
          Array.from({ length: 5 }, () => world.paid('ZAP', zapOf(itemId, 1).args, by)),
        ),
      ),
    );
    await summing;
    expect(views).toHaveLength(100);
    await rollUp();
    expect(await world.counters(itemId)).toMatchObject({ zaps: 100, zappers: 20 });
    expect(await offenders()).toEqual([]);
  });

  it('a zap waits for no other that holds the item, and a deletion waits for all of them', async () => {
    const itemId = await world.item();
    const [first, second] = [
      await world.fixture.pool.connect(),
      await world.fixture.pool.connect(),
    ];
    try {
      await first.query('begin');
      await first.query('select from items where id = $1 for key share', [itemId]);
      await world.paid('ZAP', zapOf(itemId, 1).args, world.rich);
      await rollUp();
      await second.query('begin');
      await second.query(`set local lock_timeout = '200ms'`);
      await expect(
        second.query('select from items where id = $1 for update', [itemId]),
      ).rejects.toMatchObject({ code: '55P03' });
    } finally {
      for (const client of [first, second]) {
        await client.query('rollback');
        client.release();
      }
    }
  });
});

function rounded(counters: Record<string, unknown>): unknown {
  return Object.fromEntries(
    Object.entries(counters).map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(6) : value,
    ]),
  );
}

describe('ranks', () => {
  const contribute = (itemId: string, column: string, msat: number, seconds: number) =>
    world.fixture.pool.query(
      `insert into item_deltas (item_id, at, ${column}) values ($1, to_timestamp($3), $2)`,
      [itemId, msat, seconds],
    );
  const rank = async (itemId: string) => {
    const { rows } = await world.fixture.pool.query<{ hot: number; sum: number; top: bigint }>(
      'select hot_key as hot, hot_sum as sum, top_msat as top from items where id = $1',
      [itemId],
    );
    if (rows[0] === undefined) throw new Error('no item');
    return rows[0];
  };
  /** An item that was paid at time 0, with 1 sat. */
  const itemAtZero = async () => {
    const itemId = await world.item();
    await world.fixture.pool.query('update items set hot_sum = 1, hot_time = 0 where id = $1', [
      itemId,
    ]);
    return itemId;
  };

  it('hot halves every four hours: 1 sat, and 100 sats after four hours, is 5.3033', async () => {
    const itemId = await itemAtZero();
    await contribute(itemId, 'zapped_msat', 100_000, 14_400);
    await rollUp();
    const { hot, sum } = await rank(itemId);
    expect(sum).toBeCloseTo(100.5, 9);
    expect(hot).toBeCloseTo(5.3033, 4);
  });

  it('hot does not depend on the order in which amounts arrive, and is negative for what is voted down', async () => {
    const amounts = [
      ['zapped_msat', 5_000, 30_000],
      ['boost_msat', 7_000, 1_000],
      ['comment_zapped_msat', 40_000, 90_000],
      ['comment_down_msat', 20_000, 60_000],
    ] as const;
    const orders = [amounts, amounts.toReversed()];
    const ranks = [];
    for (const order of orders) {
      const itemId = await itemAtZero();
      for (const [column, msat, at] of order) {
        await contribute(itemId, column, msat, at);
        await rollUp();
      }
      ranks.push((await rank(itemId)).hot);
    }
    expect(ranks[0]).toBeCloseTo(ranks[1] ?? NaN, 9);
    const disliked = await itemAtZero();
    await contribute(disliked, 'down_msat', 50_000, 14_400);
    await rollUp();
    expect((await rank(disliked)).hot).toBeCloseTo(-(Math.log(49.5) + Math.log(2)), 6);
  });

  it('top is the weighted sum of all that was paid', async () => {
    const itemId = await world.item({ boostSats: 3 });
    const comment = await world.comment(itemId);
    await world.paid('ZAP', zapOf(itemId, 100).args, world.rich);
    await world.paid('ZAP', zapOf(comment, 40).args, world.rich);
    await world.paid('BOOST', { itemId: comment, sats: 8 }, world.rich);
    await world.paid('DOWN_ZAP', { itemId, sats: 5 }, world.rich);
    await world.paid('DOWN_ZAP', { itemId: comment, sats: 10 }, world.rich);
    await rollUp();
    // 1 + 100 + 3 + (40 + 1 + 8) / 4 - 5 - 10 / 10
    expect((await rank(itemId)).top).toBe(110_250n);
  });

  it('B51: recent is by payment, and hot shows a post as soon as it is paid', async () => {
    const early = await world.unpaid(
      { type: 'ITEM_CREATE', args: { title: 'Opened first, paid last' } },
      world.rich,
    );
    const late = await world.item();
    await world.pay(early);
    const [first, second] = await readFeed(world.fixture.pool, 'recent', null, undefined, 2);
    expect([first?.id, second?.id].map(String)).toEqual([itemOf(early), late]);
    const hot = await readFeed(world.fixture.pool, 'hot', null, undefined, 200);
    expect(hot.map(({ id }) => String(id))).toContain(itemOf(early));
  });

  it('B50: a comment that is paid late does not bring its thread up', async () => {
    const root = await world.item();
    const late = await world.unpaid(
      { type: 'ITEM_CREATE', args: { kind: 'comment', parentId: root, text: 'paid late' } },
      world.rich,
    );
    await world.comment(root, 'in between');
    const { last_comment_at: before } = await world.counters(root);
    await world.pay(late);
    expect((await world.counters(root))['last_comment_at']).toEqual(before);
  });

  it('each list of posts walks along an index, however many there are', async () => {
    const client = await world.fixture.pool.connect();
    try {
      await client.query('begin');
      await client.query('set local enable_sort = off');
      for (const column of ['hot_key', 'top_msat', 'paid_at']) {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(
          `explain select * from items where listed order by ${column} desc, id desc limit 50`,
        );
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).toMatch(/Index Scan using items_(hot|top|recent)/);
      }
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

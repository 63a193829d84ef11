import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import { fillShares } from '../../../../engine/rewards/earners.js';
import { addSeed } from '../../../../engine/trust/run.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import { zapOf } from '../actions/fixture.helper.js';
import { World } from '../actions/items/world.helper.js';

let world: World;
const voters: Person[] = [];
let days = 0;

beforeAll(async () => {
  world = await World.create();
  for (const name of ['first', 'second', 'third', 'house']) {
    const voter = await world.fixture.account(name, 1_000_000_000_000n);
    await addSeed(world.fixture.pool, voter.id);
    voters.push(voter);
  }
  await world.fixture.pool.query(`update accounts set role = 'support' where name = 'house'`);
});
afterAll(() => world.fixture.close());

interface Zap {
  readonly item: number;
  readonly voter: number;
  readonly sats: number;
}
interface Votes {
  readonly id: bigint;
  readonly votes: number;
  readonly down: number;
}

/** The rule once more, item by item. */
function sharesOf(zaps: readonly (Zap & { id: string })[], kinds: readonly Votes[][]): number[] {
  const shares = voters.map(() => 0);
  for (const all of kinds) {
    const sorted = all
      .filter(({ votes }) => votes > 0)
      .sort((a, b) => b.votes - b.down - (a.votes - a.down) || Number(a.id - b.id));
    const better = sorted.slice(0, Math.ceil(sorted.length / 2));
    const sum = better.reduce((total, { votes }) => total + votes, 0);
    const weights = voters.map(() => 0);
    for (const { id, votes } of better) {
      const runs: { voter: number; sats: number }[] = [];
      for (const zap of zaps.filter((one) => one.id === String(id))) {
        const last = runs.at(-1);
        if (last?.voter === zap.voter) last.sats += zap.sats;
        else runs.push({ ...zap });
      }
      const counted = runs.filter(({ sats }) => sats > 20);
      const roots = counted.reduce((total, { sats }) => total + sats ** 0.25, 0);
      counted.forEach(({ voter, sats }, place) => {
        const early = 1 / Math.log(place + 1 + Math.E - 1);
        const handicap = voter === 3 ? 0.5 : 1;
        weights[voter] =
          (weights[voter] ?? 0) + (sats ** 0.25 / roots + early) * (votes / sum) * handicap;
      });
    }
    const allWeights = weights.reduce((total, weight) => total + weight, 0);
    if (allWeights === 0) continue;
    weights.forEach((weight, n) => (shares[n] = (shares[n] ?? 0) + weight / allWeights));
  }
  return shares;
}

const zap = fc.record({
  item: fc.nat(7),
  voter: fc.nat(3),
  sats: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 100_000 })),
});

it('of a day earn whoever zapped the better half, by the rule', async () => {
  const { pool } = world.fixture;
  await fc.assert(
    fc.asyncProperty(fc.array(zap, { minLength: 1, maxLength: 14 }), async (zaps) => {
      days += 1;
      const day = new Date(Date.UTC(2021, 0, days)).toISOString().slice(0, 10);
      const posts: string[] = [];
      for (let n = 0; n < 5; n += 1) posts.push(await world.item());
      const comments: string[] = [];
      for (let n = 0; n < 3; n += 1) comments.push(await world.comment(posts[0] ?? '', `c ${n}`));
      const items = [...posts, ...comments];
      await pool.query('update items set paid_at = $2 where id = any($1::bigint[])', [
        items,
        `${day}T00:00:00Z`,
      ]);
      const given = zaps.map((one) => ({ ...one, id: items[one.item] ?? '' }));
      for (const [n, { id, voter, sats }] of given.entries()) {
        const by = voters[voter];
        const { id: actionId } = await world.paid('ZAP', zapOf(id, sats).args, by);
        await pool.query(
          `update attempts set changed_at = $2::timestamptz + $3 * interval '1 s' where action_id = $1`,
          [actionId, `${day}T00:00:00Z`, n],
        );
      }
      const votesOf = async (ids: string[]): Promise<Votes[]> => {
        const { rows } = await pool.query<Votes>(
          `select id, weighted_votes as votes, weighted_down_votes as down from item_counters where id = any($1::bigint[])`,
          [ids],
        );
        return rows;
      };
      const expected = sharesOf(given, [await votesOf(posts), await votesOf(comments)]);
      await inTransaction(pool, async (tx) => {
        await tx.query(
          'insert into reward_days (day, through_entry, pool_msat) values ($1, 0, 0)',
          [day],
        );
        await fillShares(tx, day);
      });
      const { rows } = await pool.query<{ account: string; share: number }>(
        'select account, share from reward_shares where day = $1',
        [day],
      );
      const shares = voters.map(({ id }) => rows.find(({ account }) => account === id)?.share ?? 0);
      expect(shares.map((share) => share.toFixed(9))).toEqual(
        expected.map((share) => share.toFixed(9)),
      );
    }),
    { numRuns: 8 },
  );
});

it('nobody earns by own zaps, by an unpaid one, or in a day that has no votes of weight', async () => {
  const { pool } = world.fixture;
  days += 1;
  const day = new Date(Date.UTC(2021, 0, days)).toISOString().slice(0, 10);
  const itemId = await world.item();
  await pool.query('update items set paid_at = $2 where id = $1', [itemId, `${day}T12:00:00Z`]);
  // Nobody trusts it.
  const { id } = await world.paid('ZAP', zapOf(itemId, 1_000).args, world.rich);
  await pool.query('update attempts set changed_at = $2 where action_id = $1', [
    id,
    `${day}T13:00:00Z`,
  ]);
  await world.unpaid(zapOf(itemId, 1_000), voters[0] ?? world.payer);
  await inTransaction(pool, async (tx) => {
    await tx.query('insert into reward_days (day, through_entry, pool_msat) values ($1, 0, 0)', [
      day,
    ]);
    await fillShares(tx, day);
  });
  expect(await world.fixture.count('reward_shares where day = $1', [day])).toBe(0);
});

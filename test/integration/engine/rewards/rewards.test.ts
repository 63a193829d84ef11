import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  readActionDays,
  readOwnRewards,
  readRewardDays,
} from '../../../../engine/rewards/read-rewards.js';
import { payRewards } from '../../../../engine/rewards/pay-rewards.js';
import { addSeed } from '../../../../engine/trust/run.js';
import { brokenRules } from '../../../support/books.js';
import { type Person } from '../actions/bugs/bugs.helper.js';
import { ActionFixture, zapOf } from '../actions/fixture.helper.js';

let fixture: ActionFixture;
let zapper: Person;
let referrer: Person;
let poolMsat: bigint;

const DAY_MS = 86_400_000;
const today = new Date().toISOString().slice(0, 10);
/** As if the first moments of the day `n` days from now were over. */
const dayFromNow = (n: number): Date => new Date(Date.parse(today) + n * DAY_MS + 1);

const sats = (of: Person): Promise<bigint> => fixture.balance(of, 'SATS');
const pay = (settledBefore?: Date): Promise<number> => payRewards(fixture.engine, settledBefore);

beforeAll(async () => {
  fixture = await ActionFixture.create();
  zapper = await fixture.account('zapper', 10_000_000n);
  referrer = await fixture.account('referrer');
  await fixture.pool.query('update accounts set referrer = $2 where id = $1', [
    zapper.id,
    referrer.id,
  ]);
  await addSeed(fixture.pool, zapper.id);
  const author = await fixture.account('author', 10_000n);
  await fixture.open(author);
  const itemId = await fixture.paidPost(author);
  await fixture.open(zapper, zapOf(itemId, 1000));
  // Too little to earn anything.
  await fixture.open(await fixture.account('small', 20_000n), zapOf(itemId, 20));
  const { rows } = await fixture.pool.query<{ msat: bigint }>(
    `select balance_msat::bigint as msat from system_balances where system = 'pool' and asset = 'SATS'`,
  );
  poolMsat = rows[0]?.msat ?? -1n;
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

it('a day that is not over is not closed, however often it is looked at', async () => {
  expect(await pay()).toBe(0);
  const days = await readRewardDays(fixture.pool, undefined, 10);
  expect(days.every(({ day }) => day < today)).toBe(true);
});

it('is paid once, whoever pays it: all of the pool, a tenth of it to the referrer', async () => {
  const paid = await Promise.all([pay(dayFromNow(1)), pay(dayFromNow(1)), pay(dayFromNow(1))]);
  expect(paid.reduce((sum, n) => sum + n, 0)).toBe(1);
  const tenth = poolMsat / 10n;
  expect(await sats(referrer)).toBe(tenth);
  expect(await sats(zapper)).toBe(poolMsat - tenth);
  const [day] = await readRewardDays(fixture.pool, undefined, 1);
  expect(day).toMatchObject({
    day: today,
    state: 'PAID',
    poolMsat,
    paidMsat: poolMsat,
    earners: 1,
  });
  expect(await readOwnRewards(fixture.pool, zapper.id, 10)).toEqual([
    { day: today, amountMsat: poolMsat, paid: true },
  ]);
  expect(await pay(dayFromNow(1))).toBe(0);
  expect(
    await fixture.count(`attempts a join actions s on s.id = a.action_id where s.type = 'REWARDS'`),
  ).toBe(1);
});

it('statistics count what was paid in the day', async () => {
  const days = await readActionDays(fixture.pool, today, today);
  expect(days.map(({ type, actions }) => [type, actions])).toEqual([
    ['ITEM_CREATE', 2n],
    ['ZAP', 2n],
  ]);
});

it('many earners are paid in batches, to the last msat', async () => {
  await fixture.pool.query(
    `insert into accounts (name) select 'earner-' || n from generate_series(1, 600) n`,
  );
  const tomorrow = dayFromNow(1).toISOString().slice(0, 10);
  await fixture.open(zapper, { type: 'DONATE', args: { sats: 777 } });
  expect(await pay(dayFromNow(2))).toBe(0);
  const day = await fixture.pool.query<{ msat: bigint }>(
    'select pool_msat as msat from reward_days where day = $1',
    [tomorrow],
  );
  expect(day.rows[0]?.msat).toBe(777_000n);
  // As if the day had been closed with them, and the process had died in the middle.
  await fixture.pool.query(
    `insert into reward_shares (day, account, share, amount_msat)
     select $1, id, 1, 777000 / 600 from accounts where name like 'earner-%'`,
    [tomorrow],
  );
  await fixture.pool.query(
    `update reward_days set state = 'CLOSED', paid_at = null where day = $1`,
    [tomorrow],
  );
  expect(await pay(dayFromNow(2))).toBe(600);
  expect(
    await fixture.count(
      `ledger_accounts l join accounts a on a.id = l.owner
       where a.name like 'earner-%' and l.asset = 'SATS' and l.balance_msat = 1295`,
    ),
  ).toBe(600);
  const batches = await fixture.count(`actions where type = 'REWARDS'`);
  expect(batches).toBe(1 + 3);
});

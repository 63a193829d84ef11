import { afterAll, beforeAll, expect, it } from 'vitest';
import { payRewards } from '../../../../engine/rewards/pay-rewards.js';
import { readStreak } from '../../../../engine/rewards/count-streaks.js';
import { readActionDays } from '../../../../engine/rewards/read-rewards.js';
import { ActionFixture } from '../actions/fixture.helper.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import { World } from '../actions/items/world.helper.js';
import { Withdrawing } from '../actions/withdrawing.helper.js';
import { toldTo } from '../notices/told.helper.js';

let fixture: ActionFixture;
let world: World;

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2026-01-10T00:00:00Z');
const day = (n: number): string => new Date(FIRST + n * DAY_MS).toISOString().slice(0, 10);

beforeAll(async () => {
  fixture = await ActionFixture.create();
  world = await World.create(fixture);
  await fixture.pool.query(`insert into reward_days (day, through_entry, pool_msat, state, paid_at)
    values ('2026-01-09', 0, 0, 'PAID', now())`);
});
afterAll(() => fixture.close());

/** Opened and paid at that time of the day `n`. */
async function spend(person: Person, n: number, sats: number, opened = 0): Promise<void> {
  const itemId = await world.item();
  const { id } = await world.paid('ZAP', { itemId, sats }, person);
  await fixture.pool.query(
    `with a as (update actions set created_at = $3 where id = $1)
     update attempts set changed_at = $2, opened_at = $3 where action_id = $1`,
    [id, new Date(FIRST + n * DAY_MS + 1_000), new Date(FIRST + (n - opened) * DAY_MS + 2_000)],
  );
}

/** Closes days up to that one. */
async function close(n: number): Promise<void> {
  // Other things were paid today: not of these days.
  await payRewards(fixture.engine, new Date(FIRST + (n + 1) * DAY_MS + 1));
}

it('days in a row are counted by the time of payment, begin and end with a notice, once', async () => {
  const person = await fixture.account('streaker', 1_000_000_000n);
  const little = await fixture.account('little', 1_000_000_000n);
  for (const n of [0, 1, 2]) await spend(person, n, 100);
  await spend(little, 0, 99);
  await close(0);
  expect(await readStreak(fixture.pool, person.id)).toEqual({ days: 1, firstDay: day(0) });
  expect(await readStreak(fixture.pool, little.id)).toBeUndefined();
  await Promise.all([close(2), close(2), close(2)]);
  expect(await readStreak(fixture.pool, person.id)).toEqual({ days: 3, firstDay: day(0) });
  expect(await toldTo(fixture, person)).toEqual(['STREAK']);
  await close(3);
  expect(await readStreak(fixture.pool, person.id)).toBeUndefined();
  expect(await toldTo(fixture, person)).toEqual(['STREAK', 'STREAK_LOST']);
  await spend(person, 4, 60);
  await spend(person, 4, 40);
  await close(4);
  expect(await readStreak(fixture.pool, person.id)).toEqual({ days: 1, firstDay: day(4) });
});

it('what was opened before midnight and paid after it belongs to the second day', async () => {
  const person = await fixture.account('midnight', 1_000_000_000n);
  await spend(person, 6, 100, 1);
  await close(6);
  expect(await readStreak(fixture.pool, person.id)).toEqual({ days: 1, firstDay: day(6) });
  expect(await readActionDays(fixture.pool, day(5), day(6))).toMatchObject([
    { day: day(6), type: 'ZAP' },
  ]);
});

it('B56: withdrawals and payments to names are no spending', async () => {
  const withdrawing = await Withdrawing.on(fixture, 'spender');
  const account = await withdrawing.rich(1_000_000n);
  const { bolt11 } = await withdrawing.invoice(200_000n);
  const { view } = await withdrawing.open(account, bolt11);
  await fixture.drive(view.id);
  await fixture.pool.query('update attempts set changed_at = $2 where action_id = $1', [
    view.id,
    new Date(FIRST + 8 * DAY_MS + 1_000),
  ]);
  await close(8);
  expect(await readActionDays(fixture.pool, day(8), day(8))).toMatchObject([
    { type: 'WITHDRAWAL' },
  ]);
  expect(await readStreak(fixture.pool, account.id)).toBeUndefined();
  expect(await fixture.count('spending_days where account = $1', [account.id])).toBe(0);
});

it('a day of which only something free was paid is closed too', async () => {
  const person = await fixture.account('free', 1_000_000_000n);
  const item = await world.item({}, person);
  const { id } = await world.paid('ITEM_UPDATE', { itemId: item, text: 'for free' }, person);
  await fixture.pool.query('update attempts set changed_at = $2 where action_id = $1', [
    id,
    new Date(FIRST + 10 * DAY_MS + 1_000),
  ]);
  await close(10);
  expect(await readActionDays(fixture.pool, day(10), day(10))).toMatchObject([
    { type: 'ITEM_UPDATE', costMsat: '0' },
  ]);
});

import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fateOf } from '../../../../domain/actions/automatic-retry.js';
import {
  dismissFailed,
  FAILED_PAYMENTS,
  failedTypes,
} from '../../../../engine/actions/failed-payments.js';
import { countUnread, markRead, readNotices } from '../../../../engine/actions/read-notices.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { retryFailed } from '../../../../engine/actions/retry-failed.js';
import { changeSettings } from '../../../../engine/accounts/settings.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import { ActionFixture } from '../actions/fixture.helper.js';
import { type Person, statesOf } from '../actions/bugs/bugs.helper.js';
import { World } from '../actions/items/world.helper.js';
import { toldTo } from './told.helper.js';

let fixture: ActionFixture;
let world: World;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  await fixture.pool.query(
    'update item_rules set spam_seconds = 0, duplicate_seconds = 0, unpaid_in_a_row = null',
  );
  world = await World.create(fixture);
});
afterAll(() => fixture.close());

let people = 0;

async function person(retries: boolean, msat = 0n): Promise<Person> {
  people += 1;
  const account = await fixture.account(`person${people}`, msat);
  await changeSettings(fixture.pool, account.id, { retryAutomatically: retries });
  return account;
}

async function failedZap(by: Person): Promise<ActionView> {
  const itemId = await world.item();
  const view = await world.unpaid({ type: 'ZAP', args: { itemId, sats: 10 } }, by);
  await world.fail(view);
  return fixture.view(view.id);
}

/** As if it had failed, and been tried, so long ago. */
async function age(view: ActionView, seconds: number): Promise<void> {
  await fixture.pool.query(
    `with tried as (update automatic_retries set last_at = last_at - $2 * interval '1 s' where action_id = $1)
     update attempts set changed_at = changed_at - $2 * interval '1 s' where action_id = $1`,
    [view.id, seconds],
  );
}

async function fateInSchema(view: ActionView): Promise<string> {
  const { rows } = await fixture.pool.query<{ retries: boolean; dismissed: boolean }>(
    `select retries, dismissed from ${FAILED_PAYMENTS} where action_id = $3`,
    [...failedTypes(), view.id],
  );
  const [row] = rows;
  if (rows.length !== 1 || row === undefined) return 'none';
  if (row.retries && row.dismissed) return 'both';
  return row.retries ? 'retried' : row.dismissed ? 'dismissed' : 'notice';
}

describe('B39: a failed payment', () => {
  it('is a notice at once for whoever has no wallet that pays by itself', async () => {
    const payer = await person(false);
    const view = await failedZap(payer);
    expect(await toldTo(fixture, payer)).toEqual(['FAILED_PAYMENT']);
    await age(view, 60);
    expect(await retryFailed(fixture.engine)).toBe(0);
    expect(await countUnread(fixture.pool, payer.id)).toBe(1);
  });

  it('is tried again by itself, five times, and only then shown', async () => {
    const payer = await person(true);
    const view = await failedZap(payer);
    for (let tries = 1; tries <= 5; tries += 1) {
      expect(await retryFailed(fixture.engine)).toBe(0);
      expect(await toldTo(fixture, payer)).toEqual([]);
      await age(view, 60);
      expect(await retryFailed(fixture.engine)).toBe(1);
      expect((await statesOf(fixture, view.id)).at(-1)).toMatch(/^PENDING/);
      expect(await toldTo(fixture, payer)).toEqual([]);
      await world.fail(await fixture.view(view.id));
    }
    await age(view, 60);
    expect(await retryFailed(fixture.engine)).toBe(0);
    expect(await toldTo(fixture, payer)).toEqual(['FAILED_PAYMENT']);
    expect(await countUnread(fixture.pool, payer.id)).toBe(1);
  });

  it('is paid by the balance, where that covers it by then', async () => {
    const payer = await person(true, 1_000_000n);
    const view = await failedZap(payer);
    await age(view, 60);
    await retryFailed(fixture.engine);
    expect((await statesOf(fixture, view.id)).at(-1)).toBe('PAID');
  });

  it('counts a try that could not be set up (B40), and is shown in the end', async () => {
    const payer = await person(true);
    const view = await failedZap(payer);
    await fixture.pool.query(
      `update accounts set frozen_at = clock_timestamp(), frozen_because = 'a test' where id = $1`,
      [payer.id],
    );
    for (let tries = 1; tries <= 5; tries += 1) {
      await age(view, 60);
      expect(await retryFailed(fixture.engine)).toBe(1);
    }
    expect(await statesOf(fixture, view.id)).toHaveLength(1);
    expect(await fixture.count(`automatic_retries where last_error = 'account.frozen'`)).toBe(1);
    expect(await toldTo(fixture, payer)).toEqual(['FAILED_PAYMENT']);
  });

  it('is tried again by one of many', async () => {
    const payer = await person(true);
    const view = await failedZap(payer);
    await age(view, 60);
    const tried = await Promise.all([1, 2, 3].map(() => retryFailed(fixture.engine)));
    expect(tried.reduce((sum, n) => sum + n, 0)).toBe(1);
    expect(await statesOf(fixture, view.id)).toHaveLength(2);
  });

  it('that its author has cancelled is shown, and left alone', async () => {
    const payer = await person(true);
    const itemId = await world.item();
    const view = await world.unpaid({ type: 'ZAP', args: { itemId, sats: 10 } }, payer);
    await cancelAction(fixture.engine, { actionId: view.id, caller: payer });
    await fixture.drive(view.id);
    await age(view, 60);
    expect(await retryFailed(fixture.engine)).toBe(0);
    expect(await toldTo(fixture, payer)).toEqual(['FAILED_PAYMENT']);
  });

  it('that was dismissed stays away, and is not tried again; a retry by hand begins anew', async () => {
    const payer = await person(true);
    const view = await failedZap(payer);
    await dismissFailed(fixture.pool, payer.id, view.id, 1);
    await dismissFailed(fixture.pool, payer.id, view.id, 1);
    await age(view, 60);
    expect(await retryFailed(fixture.engine)).toBe(0);
    // Where it was dismissed after it was claimed.
    const again = { actionId: view.id, attempt: 1, payment: 'invoice', caller: payer } as const;
    await expect(retryAction(fixture.engine, { ...again, automatic: true })).rejects.toMatchObject({
      code: 'action.not_retryable',
    });
    expect(await toldTo(fixture, payer)).toEqual([]);
    await age(view, 3_600);
    expect(await toldTo(fixture, payer)).toEqual([]);
    await expect(dismissFailed(fixture.pool, world.rich.id, view.id, 1)).rejects.toMatchObject({
      code: 'notice.not_found',
    });
    await retryAction(fixture.engine, {
      ...{ actionId: view.id, attempt: 1, payment: 'invoice', caller: payer },
    });
    await world.fail(await fixture.view(view.id));
    await age(view, 3_601);
    expect(await toldTo(fixture, payer)).toEqual(['FAILED_PAYMENT']);
  });

  it('that becomes a notice after others were read is unread', async () => {
    const payer = await person(true);
    const view = await failedZap(payer);
    await markRead(fixture.pool, payer.id, null);
    expect(await countUnread(fixture.pool, payer.id)).toBe(0);
    await age(view, 3_600);
    expect(await countUnread(fixture.pool, payer.id)).toBe(1);
    await markRead(fixture.pool, payer.id, null);
    expect(await countUnread(fixture.pool, payer.id)).toBe(0);
    expect(await readNotices(fixture.pool, payer.id, undefined, 10)).toMatchObject([
      { read: true },
    ]);
  });
});

it('each failed payment is retried, shown or dismissed: exactly one of them, by the rule', async () => {
  const [yes, no] = [await person(true), await person(false)];
  const itemId = await world.item();
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        type: fc.constantFrom('ZAP', 'DONATE', 'DOWN_ZAP'),
        wanted: fc.boolean(),
        reason: fc.constantFrom('USER_CANCELLED', 'INVOICE_EXPIRED', 'SYSTEM_CANCELLED'),
        seconds: fc.constantFrom(0, 1_800, 3_590, 3_610, 100_000),
        tries: fc.integer({ min: 0, max: 6 }),
        mark: fc.constantFrom('none', 'read', 'dismissed'),
        emptied: fc.boolean(),
      }),
      async ({ type, wanted, reason, seconds, tries, mark, emptied }) => {
        const args = type === 'DONATE' ? { sats: 10 } : { itemId, sats: 10 };
        const view = await world.unpaid({ type, args }, wanted ? yes : no);
        await world.fail(view);
        const { rows } = await fixture.pool.query<{ at: Date; now: Date }>(
          `update attempts set reason = $2, changed_at = clock_timestamp() - $3 * interval '1 s' where action_id = $1
           returning changed_at as at, clock_timestamp() as now`,
          [view.id, reason, seconds],
        );
        if (tries > 0) {
          await fixture.pool.query(
            'insert into automatic_retries (action_id, tries) values ($1, $2)',
            [view.id, tries],
          );
        }
        if (mark !== 'none') {
          await fixture.pool.query(
            `insert into failed_payment_marks (action_id, attempt, dismissed_at)
             values ($1, 1, case when $2 = 'dismissed' then clock_timestamp() end)`,
            [view.id, mark],
          );
        }
        await fixture.pool.query('update actions set emptied = $2 where id = $1', [
          view.id,
          emptied,
        ]);
        const [row] = rows;
        if (row === undefined) throw new Error('nothing has failed');
        const failed = { automatic: type !== 'DONATE', wanted, reason, tries, emptied };
        const fate = fateOf(
          { ...failed, failedAt: row.at, dismissed: mark === 'dismissed' },
          row.now,
        );
        expect(await fateInSchema(view)).toBe(fate);
        const shown = await readNotices(fixture.pool, (wanted ? yes : no).id, undefined, 500);
        expect(shown.some(({ actionId }) => actionId === view.id)).toBe(fate === 'notice');
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

it('an action that is open or paid is no failed payment', async () => {
  const payer = await person(false);
  const itemId = await world.item();
  const view = await world.unpaid({ type: 'ZAP', args: { itemId, sats: 10 } }, payer);
  expect(await fateInSchema(view)).toBe('none');
  await world.pay(view);
  expect(await fateInSchema(view)).toBe('none');
  await expect(dismissFailed(fixture.pool, payer.id, randomUUID(), 1)).rejects.toMatchObject({
    code: 'notice.not_found',
  });
});

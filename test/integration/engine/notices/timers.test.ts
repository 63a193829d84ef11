import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advanceTimer } from '../../../../engine/items/timers/advance-timer.js';
import { deleteItem } from '../../../../engine/items/delete-item.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { sweep } from '../../../../services/relay/maintenance/sweep.js';
import { sweptTimers } from '../../../../services/relay/maintenance/swept-tables.js';
import { ActionFixture, ANONYMOUS } from '../actions/fixture.helper.js';
import { itemOf, World } from '../actions/items/world.helper.js';
import { doEffects, toldTo } from './told.helper.js';

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

interface Timer {
  readonly id: bigint;
  readonly kind: string;
  readonly state: string;
  readonly seconds: number;
  readonly due: boolean;
}

async function timersOf(itemId: string): Promise<Timer[]> {
  const { rows } = await fixture.pool.query<Timer>(
    `select t.id, t.kind, t.state, extract(epoch from t.runs_at - t.counted_from)::float8 as seconds, t.due_at is not null as due
     from item_timers t where t.item_id = $1 order by t.id`,
    [itemId],
  );
  return rows;
}

/** As if the time had come. */
async function age(itemId: string, seconds: number): Promise<void> {
  await fixture.pool.query(
    `update item_timers set counted_from = counted_from - $2 * interval '1 s', runs_at = runs_at - $2 * interval '1 s',
       due_at = due_at - $2 * interval '1 s' where item_id = $1`,
    [itemId, seconds],
  );
}

async function textOf(itemId: string): Promise<string> {
  const { rows } = await fixture.pool.query<{ text: string }>(
    'select text from items where id = $1',
    [itemId],
  );
  return rows[0]?.text ?? '';
}

async function advance(itemId: string): Promise<string[]> {
  const states: string[] = [];
  for (const { id } of await timersOf(itemId)) {
    states.push((await advanceTimer(fixture.engine, id.toString())).state);
  }
  return states;
}

describe('@delete in', () => {
  it('deletes the item after its payment and that time, and says that it was understood', async () => {
    const person = await fixture.account('forgetful', 1_000_000_000n);
    const item = await world.item({ text: 'for now @delete in 2 days' }, person);
    expect(await timersOf(item)).toEqual([]);
    await doEffects(fixture);
    expect(await timersOf(item)).toMatchObject([
      { kind: 'DELETE', state: 'WAITING', seconds: 172_800 },
    ]);
    expect(await toldTo(fixture, person)).toEqual(['DELETION_SET']);
    expect(await advance(item)).toEqual(['WAITING']);
    await age(item, 172_800);
    expect(await advance(item)).toEqual(['DONE']);
    expect(await textOf(item)).toBe('');
    expect(await advance(item)).toEqual(['DONE']);
  });

  it('O15: is counted from the payment, and never begins where it is not paid', async () => {
    const person = await fixture.account('unpaid', 1_000_000_000n);
    const args = { title: 'Unpaid post', text: '@delete in 1 second' };
    const view = await world.unpaid({ type: 'ITEM_CREATE', args }, person);
    await world.fail(view);
    await doEffects(fixture);
    const item = itemOf(await fixture.view(view.id));
    expect(await timersOf(item)).toEqual([]);
    expect(await textOf(item)).toBe('@delete in 1 second');
    const retried = await retryAction(fixture.engine, {
      ...{ actionId: view.id, attempt: 1, payment: 'invoice', caller: person },
    });
    expect(await world.pay(retried.view)).toEqual(['FAILED INVOICE_EXPIRED', 'PAID']);
    await doEffects(fixture);
    const { rows } = await fixture.pool.query<{ same: boolean }>(
      `select abs(extract(epoch from t.counted_from - i.paid_at)) < 0.01 as same
       from item_timers t join items i on i.id = t.item_id where i.id = $1`,
      [item],
    );
    expect(rows).toEqual([{ same: true }]);
  });

  it('O15: what its author has deleted while it was unpaid is not tried again', async () => {
    const person = await fixture.account('regretful', 1_000_000_000n);
    const args = { title: 'Regretted post', text: 'no' };
    const view = await world.unpaid({ type: 'ITEM_CREATE', args }, person);
    await world.fail(view);
    await deleteItem(fixture.pool, itemOf(await fixture.view(view.id)), person.id);
    await expect(
      retryAction(fixture.engine, {
        ...{ actionId: view.id, attempt: 1, payment: 'invoice', caller: person },
      }),
    ).rejects.toMatchObject({ code: 'item.deleted' });
  });

  it('works for authors without an account', async () => {
    const args = { title: 'Of nobody', text: '@delete in 1 hour' };
    const { view } = await fixture.open(ANONYMOUS, { args, payment: 'invoice' });
    await world.pay(view);
    await doEffects(fixture);
    const { result } = await fixture.view(view.id);
    expect(result).toMatchObject({ deletesAt: expect.stringMatching(/^20.*Z$/) as string });
    const item = itemOf(await fixture.view(view.id));
    await age(item, 3_600);
    expect(await advance(item)).toEqual(['DONE']);
    expect(await textOf(item)).toBe('');
  });
});

describe('an edit', () => {
  it('changes or cancels what the text asked for, in whatever order effects are done', async () => {
    const person = await fixture.account('editor', 1_000_000_000n);
    const item = await world.item({ text: '@delete in 1 hour, @remindme in 1 week' }, person);
    await world.paid('ITEM_UPDATE', { itemId: item, text: '@delete in 2 hours' }, person);
    await doEffects(fixture);
    expect(await timersOf(item)).toMatchObject([
      { kind: 'DELETE', state: 'WAITING', seconds: 7_200 },
    ]);
    await world.paid('ITEM_UPDATE', { itemId: item, text: '@remindme in 3 years' }, person);
    await doEffects(fixture);
    expect(await timersOf(item)).toMatchObject([
      { kind: 'DELETE', state: 'CANCELLED', due: false },
      { kind: 'REMIND', state: 'WAITING', due: true },
    ]);
    // Of something else than the text: nothing begins anew.
    await world.paid('ITEM_UPDATE', { itemId: item, title: 'Another title' }, person);
    await doEffects(fixture);
    expect(await timersOf(item)).toHaveLength(2);
    await age(item, 3 * 366 * 86_400);
    expect(await advance(item)).toEqual(['CANCELLED', 'DONE']);
    expect(await toldTo(fixture, person)).toEqual(['DELETION_SET', 'REMINDER_SET', 'REMINDER']);
  });

  it('or a deletion ends reminders', async () => {
    const person = await fixture.account('deleter', 1_000_000_000n);
    const item = await world.item({ text: '@remindme in 1 day' }, person);
    await doEffects(fixture);
    await deleteItem(fixture.pool, item, person.id);
    expect(await timersOf(item)).toMatchObject([{ state: 'CANCELLED' }]);
    expect(await fixture.count(`outbox where subject like 'reminder/%' and kind = 'wake'`)).toBe(1);
  });
});

it('a lost workflow is started again by the sweep', async () => {
  const person = await fixture.account('swept', 1_000_000_000n);
  const item = await world.item({ text: '@remindme in 1 minute' }, person);
  await doEffects(fixture);
  await age(item, 120);
  const [timer] = await timersOf(item);
  const starts = `outbox where subject = 'reminder/${timer?.id}' and kind = 'start'`;
  expect(await fixture.count(starts)).toBe(1);
  await fixture.pool.query('update outbox set published_at = clock_timestamp()');
  expect(await sweep(fixture.pool, sweptTimers, { graceSeconds: 15, isBehind: false })).toBe(1);
  expect(await fixture.count(starts)).toBe(2);
});

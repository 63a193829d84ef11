import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../../../../engine/accounts/caller.js';
import type { ActionView } from '../../../../../engine/actions/contract.js';
import type { PaidActionType } from '../../../../../engine/actions/types/paid-action-type.js';
import { readItem } from '../../../../../engine/items/read-items.js';
import { brokenRules } from '../../../../support/books.js';
import { changeType, type Person, report, retry, statesOf } from '../bugs/bugs.helper.js';
import { ANONYMOUS } from '../fixture.helper.js';
import { addForwardees, ITEM_SAMPLES, type Sample } from './samples.helper.js';
import { itemOf, World } from './world.helper.js';

let world: World;
let people = 0;

beforeAll(async () => {
  world = await World.create();
  await addForwardees(world);
});
afterAll(async () => {
  expect(await brokenRules(world.fixture.pool)).toEqual([]);
  await world.fixture.close();
});

type Row = readonly [name: string, type: PaidActionType<unknown>, sample: Sample];
const ROWS: readonly Row[] = ITEM_SAMPLES.flatMap(([type, samples]) =>
  samples.map((sample) => [`${type.name}: ${sample.name}`, type, sample] as const),
);
const paidFor = (method: string): readonly Row[] =>
  ROWS.filter(
    ([, type, { free }]) =>
      free !== true && (type.paymentMethods as readonly string[]).includes(method),
  );

/** Whoever acts: by the sample somebody whom there was not before. All of them could pay by balance. */
async function actorOf({ byNew }: Sample, usual: Person): Promise<Person> {
  if (byNew !== true) return usual;
  people += 1;
  return world.fixture.account(`new-${people}`, 1_000_000_000n);
}

async function rowStates(type: PaidActionType<unknown>, actionId: string): Promise<string[]> {
  const [table] = type.tables;
  const { rows: states } = await world.fixture.pool.query<{ state: string }>(
    `select state from ${String(table)} where action_id = $1`,
    [actionId],
  );
  return states.map(({ state }) => state);
}

describe('B49: by credits, with the least and the most arguments', () => {
  it.each(ROWS)('%s', async (_name, type, sample) => {
    const by = await actorOf(sample, world.rich);
    const args = await sample.args(world, by);
    const before = await world.everybodySees();
    const { view } = await world.fixture.open(by, { type: type.name, args });
    expect(view.state).toBe('PAID');
    expect(view.costMsat > 0n).toBe(sample.free !== true);
    expect(await rowStates(type, view.id)).toEqual(['PAID']);
    expect(itemOf(view)).toMatch(/^\d+$/);
    expect(await world.everybodySees()).not.toEqual(before);
  });
});

/** What its payer alone sees of it: the state of an item, or of a zap how much is on its way. */
async function ownView(
  type: PaidActionType<unknown>,
  view: ActionView,
  by: Person,
): Promise<unknown> {
  const item = await readItem(world.fixture.pool, BigInt(itemOf(view)), by);
  if (type.name === 'ITEM_CREATE') return item?.state;
  return type.name === 'ZAP' ? item?.ownZappedMsat : undefined;
}

describe('optimistic', () => {
  it.each(paidFor('optimistic'))(
    '%s: its author’s only, failed, tried again, then everybody’s',
    async (_name, type, sample) => {
      const by = await actorOf(sample, world.payer);
      const args = await sample.args(world, by);
      const before = await world.everybodySees();
      const view = await world.unpaid({ type: type.name, args }, by);
      expect(view.attempts).toMatchObject([{ flow: 'optimistic', state: 'PENDING' }]);
      expect(await rowStates(type, view.id)).toEqual(['PENDING']);
      expect(await world.everybodySees()).toEqual(before);
      const pending = await ownView(type, view, by);
      await world.fail(view);
      expect(await rowStates(type, view.id)).toEqual(['FAILED']);
      expect(await world.everybodySees()).toEqual(before);
      // Tried again it is its author's as it was at first, and nobody else's until it is paid.
      const { view: retried } = await retry(world.fixture, view.id, by, 'invoice');
      expect(await rowStates(type, view.id)).toEqual(['PENDING']);
      expect(await ownView(type, view, by)).toEqual(pending);
      expect(await world.everybodySees()).toEqual(before);
      expect(await world.pay(retried)).toEqual(['FAILED INVOICE_EXPIRED', 'PAID']);
      expect(await rowStates(type, view.id)).toEqual(['PAID']);
      expect(await world.everybodySees()).not.toEqual(before);
    },
  );
});

describe('B48: pessimistic, performed without its client', () => {
  const openFor = async (type: PaidActionType<unknown>, sample: Sample) => {
    // An account's is performed first where its type allows that: it does not here.
    if (!type.anonymous) changeType(type, { paymentMethods: ['pessimistic'] });
    const by = await actorOf(sample, world.payer);
    const caller: Caller = type.anonymous ? ANONYMOUS : by;
    const args = await sample.args(world, by);
    const before = await world.everybodySees();
    const opened = await world.fixture.open(caller, { type: type.name, args, payment: 'invoice' });
    expect(opened.view.attempts).toMatchObject([{ flow: 'pessimistic' }]);
    return { view: opened.view, before };
  };

  it.each(paidFor('pessimistic'))(
    '%s: performed when held, shown when settled',
    async (_name, type, sample) => {
      const { view, before } = await openFor(type, sample);
      expect(await rowStates(type, view.id)).toEqual([]);
      await world.fixture.pay(view);
      await world.fixture.deliver();
      expect(await statesOf(world.fixture, view.id)).toEqual(['HELD']);
      expect(await rowStates(type, view.id)).toEqual(['PENDING']);
      expect(await world.everybodySees()).toEqual(before);
      await world.fixture.drive(view.id);
      expect(await statesOf(world.fixture, view.id)).toEqual(['PAID']);
      expect(await rowStates(type, view.id)).toEqual(['PAID']);
      expect(await world.everybodySees()).not.toEqual(before);
    },
  );

  it.each(paidFor('pessimistic'))(
    '%s: performed and undone is as if it never was',
    async (_name, type, sample) => {
      const { view, before } = await openFor(type, sample);
      await world.fixture.pay(view);
      await report(world.fixture, view, 'held');
      expect(await rowStates(type, view.id)).toEqual(['PENDING']);
      await report(world.fixture, view, 'canceled', 0n);
      expect(await statesOf(world.fixture, view.id)).toEqual(['FAILED SYSTEM_CANCELLED']);
      expect(await rowStates(type, view.id)).toEqual(['FAILED']);
      expect(await world.everybodySees()).toEqual(before);
    },
  );
});

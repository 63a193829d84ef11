import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { redeemInvite } from '../../../../engine/actions/redeem-invite.js';
import { ACTION_ARGS, isRetryable, typeToOpen } from '../../../../engine/actions/types/index.js';
import { brokenRules } from '../../../support/books.js';
import { expire, giveSats, report, retry, statesOf } from './bugs/bugs.helper.js';
import { ActionFixture, ANONYMOUS } from './fixture.helper.js';
import { ITEM_SAMPLES } from './items/samples.helper.js';
import { OTHER_SAMPLES, OtherWorld } from './other-samples.helper.js';

let fixture: ActionFixture;
let world: OtherWorld;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  world = await OtherWorld.create(fixture);
  await giveSats(fixture, world.rich, 10_000_000_000n);
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const ROWS = OTHER_SAMPLES.map((sample) => [`${sample.type}: ${sample.name}`, sample] as const);

async function rowStates(type: string, actionId: string): Promise<string[]> {
  const [table] = typeToOpen(type).tables;
  // What has no rows of its own is in the books only.
  if (table === undefined) return [];
  const { rows } = await fixture.pool.query<{ state: string }>(
    `select state from ${table} where action_id = $1`,
    [actionId],
  );
  return rows.map(({ state }) => state);
}

const rowsOf = (type: string, ...states: string[]): string[] =>
  typeToOpen(type).tables.length === 0 ? [] : states;

it('every type that can be opened has samples here, among those of items, or is paid to wallets only', () => {
  const sampled = [
    ...OTHER_SAMPLES.map(({ type }) => type),
    ...ITEM_SAMPLES.map(([{ name }]) => name),
    // all-wallets.test.ts
    'BOUNTY_PAYMENT',
  ];
  expect(new Set(sampled)).toEqual(new Set(ACTION_ARGS.keys()));
});

describe('by balance, with the least and the most arguments', () => {
  it.each(ROWS)('%s', async (_name, { type, args: make }) => {
    const args = await make(world);
    const before = await world.everybodySees();
    const { view } = await fixture.open(world.rich, { type, args, payment: 'credits' });
    expect(view.state).toBe('PAID');
    expect(await rowStates(type, view.id)).toEqual(rowsOf(type, 'PAID'));
    expect(await world.everybodySees()).not.toEqual(before);
  });

  it.each([1_000n, 1_000_000_000n])('INVITE_GIFT: of %d msat', async (giftMsat) => {
    const { code, invitee } = await world.invitation(giftMsat);
    const before = await world.everybodySees();
    const { view } = await redeemInvite(fixture.engine, { code, invitee: invitee.id });
    expect(view).toMatchObject({ state: 'PAID', costMsat: giftMsat });
    expect(await fixture.balance(invitee)).toBe(giftMsat);
    expect(await world.everybodySees()).not.toEqual(before);
  });

  it('INVITE_GIFT: that its inviter cannot pay changes nothing', async () => {
    const { code, invitee } = await world.invitation(10_000_000_000_000n);
    const before = await world.everybodySees();
    await expect(redeemInvite(fixture.engine, { code, invitee: invitee.id })).rejects.toMatchObject(
      { code: 'action.insufficient_credits' },
    );
    expect(await world.everybodySees()).toEqual(before);
  });
});

describe('by a hold, with the least and the most arguments', () => {
  const open = async (caller: Caller, { type, args: make }: (typeof OTHER_SAMPLES)[number]) => {
    const args = await make(world);
    const before = await world.everybodySees();
    const { view } = await fixture.open(caller, { type, args, payment: 'invoice' });
    expect(view.attempts).toMatchObject([{ flow: 'pessimistic' }]);
    expect(await rowStates(type, view.id)).toEqual([]);
    return { view, before };
  };
  const callers = ({ type }: (typeof OTHER_SAMPLES)[number]): readonly Caller[] =>
    typeToOpen(type).anonymous ? [world.rich, ANONYMOUS] : [world.rich];

  it.each(ROWS)('%s: performed when held, there when settled', async (_name, sample) => {
    for (const caller of callers(sample)) {
      const { view, before } = await open(caller, sample);
      await fixture.pay(view);
      await fixture.deliver();
      expect(await statesOf(fixture, view.id)).toEqual(['HELD']);
      expect(await rowStates(sample.type, view.id)).toEqual(rowsOf(sample.type, 'PENDING'));
      expect(await world.everybodySees()).toEqual(before);
      await fixture.drive(view.id);
      expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
      expect(await rowStates(sample.type, view.id)).toEqual(rowsOf(sample.type, 'PAID'));
      expect(await world.everybodySees()).not.toEqual(before);
    }
  });

  it.each(ROWS)('%s: not paid, tried again, held and lost, paid', async (_name, sample) => {
    const { type } = sample;
    const { view, before } = await open(world.rich, sample);
    await expire(fixture, view.id);
    expect(await rowStates(type, view.id)).toEqual([]);
    expect(isRetryable(type)).toBe(true);
    const second = await retry(fixture, view.id, world.rich, 'invoice');
    await fixture.pay(second.view);
    await report(fixture, second.view, 'held');
    expect(await rowStates(type, view.id)).toEqual(rowsOf(type, 'PENDING'));
    await report(fixture, second.view, 'canceled', 0n);
    expect(await rowStates(type, view.id)).toEqual(rowsOf(type, 'FAILED'));
    expect(await world.everybodySees()).toEqual(before);
    const third = await retry(fixture, view.id, world.rich, 'invoice');
    expect(await rowStates(type, view.id)).toEqual(rowsOf(type, 'FAILED'));
    await fixture.lose();
    await fixture.pay(third.view);
    await fixture.deliver();
    expect(await rowStates(type, view.id)).toEqual(rowsOf(type, 'PENDING'));
    expect(await world.everybodySees()).toEqual(before);
    await fixture.drive(view.id);
    const states = await statesOf(fixture, view.id);
    expect(states).toEqual(['FAILED INVOICE_EXPIRED', 'FAILED SYSTEM_CANCELLED', 'PAID']);
    expect(await rowStates(type, view.id)).toEqual(rowsOf(type, 'PAID'));
    expect(await world.everybodySees()).not.toEqual(before);
  });
});

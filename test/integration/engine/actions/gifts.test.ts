import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInvite, revokeInvite } from '../../../../engine/accounts/invites.js';
import { redeemInvite } from '../../../../engine/actions/redeem-invite.js';
import { transact } from '../../../../engine/context.js';
import { toMsat } from '../../../../domain/money.js';
import { brokenRules } from '../../../support/books.js';
import { expire, giveSats, legsOf, type Person, retry, statesOf } from './bugs/bugs.helper.js';
import { ActionFixture, ANONYMOUS } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const donation = (sats: number) => ({ type: 'DONATE', args: { sats } });
const credits = (sats: number) => ({ type: 'BUY_CREDITS', args: { sats } });

describe('a donation', () => {
  it('is the pool’s, by credits, by a hold and without an account', async () => {
    const giver = await fixture.account('giver', 5_000n);
    const paid = await fixture.open(giver, donation(5));
    expect(paid.view.state).toBe('PAID');
    expect(await legsOf(fixture, paid.view.id)).toContain('out POOL SATS 5000 5000');
    for (const caller of [giver, ANONYMOUS]) {
      const { view } = await fixture.open(caller, donation(1_000_000));
      expect(view.attempts).toMatchObject([{ flow: 'pessimistic' }]);
      await fixture.pay(view);
      await fixture.deliver();
      await fixture.drive(view.id);
      expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
    }
    expect(await fixture.count(`donations where state = 'PAID'`)).toBe(3);
  });

  it('that is not paid was never there; retried it counts once', async () => {
    const giver = await fixture.account('late-giver');
    const { view } = await fixture.open(giver, donation(1));
    expect(await fixture.count('donations where actor = $1', [giver.id])).toBe(0);
    await expire(fixture, view.id);
    const again = await retry(fixture, view.id, giver);
    await fixture.pay(again.view);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect(await fixture.count(`donations where actor = $1 and state = 'PAID'`, [giver.id])).toBe(
      1,
    );
  });

  it.each([0, -1, 1.5, 1_000_001])('of %d sats is refused', async (sats) => {
    await expect(fixture.open(ANONYMOUS, donation(sats))).rejects.toMatchObject({
      code: 'action.invalid_args',
    });
  });
});

describe('credits', () => {
  it('O13: are bought by invoice, though there are sats', async () => {
    const buyer = await fixture.account('buyer');
    await giveSats(fixture, buyer, 50_000n);
    const { view } = await fixture.open(buyer, credits(50));
    expect(view.attempts).toMatchObject([{ invoice: { amountMsat: 50_000n } }]);
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect(await fixture.balance(buyer)).toBe(50_000n);
    expect(await fixture.balance(buyer, 'SATS')).toBe(50_000n);
  });

  it('O13: are made of sats where that is asked for', async () => {
    const buyer = await fixture.account('converter');
    await giveSats(fixture, buyer, 50_000n);
    const { view } = await fixture.open(buyer, { ...credits(50), payment: 'credits' });
    expect(view.state).toBe('PAID');
    expect(await fixture.balance(buyer)).toBe(50_000n);
    expect(await fixture.balance(buyer, 'SATS')).toBe(0n);
  });

  it('cannot be bought without an account, and not with too few sats', async () => {
    await expect(fixture.open(ANONYMOUS, credits(1))).rejects.toMatchObject({
      code: 'action.login_required',
    });
    const poor = await fixture.account('poor-buyer', 1_000n);
    const request = { ...credits(1), payment: 'credits' } as const;
    await expect(fixture.open(poor, request)).rejects.toMatchObject({
      code: 'action.insufficient_credits',
    });
  });
});

describe('an invitation', () => {
  const invite = (owner: Person, code: string, over: object = {}) =>
    transact(fixture.engine, (tx) =>
      createInvite(tx, owner.id, {
        ...{ code, giftMsat: toMsat(10_000n), mostGifts: null, expiresAt: null },
        ...over,
      }),
    );
  const redeem = (code: string, invitee: Person) =>
    redeemInvite(fixture.engine, { code, invitee: invitee.id });

  it('gives once to a new account, and says who has brought it', async () => {
    const inviter = await fixture.account('inviter', 25_000n);
    await invite(inviter, 'welcome');
    const guest = await fixture.account('guest');
    expect((await redeem('welcome', guest)).view.state).toBe('PAID');
    expect(await fixture.balance(guest)).toBe(10_000n);
    expect(await fixture.balance(inviter)).toBe(15_000n);
    expect(
      await fixture.count('accounts where id = $1 and referrer = $2', [guest.id, inviter.id]),
    ).toBe(1);
    await expect(redeem('welcome', guest)).rejects.toMatchObject({ code: 'invite.not_new' });
    await expect(redeem('welcome', inviter)).rejects.toMatchObject({ code: 'invite.not_usable' });
    const old = await fixture.account('old-guest');
    await fixture.pool.query(
      `update accounts set created_at = now() - interval '61 minutes' where id = $1`,
      [old.id],
    );
    await expect(redeem('welcome', old)).rejects.toMatchObject({ code: 'invite.not_new' });
    // What the inviter has spent meanwhile cannot be given, and nobody gets an invoice for it.
    await redeem('welcome', await fixture.account('guest-2'));
    await expect(redeem('welcome', await fixture.account('guest-3'))).rejects.toMatchObject({
      code: 'action.insufficient_credits',
    });
  });

  it('of many at once no more pass than its limit', async () => {
    const inviter = await fixture.account('popular', 100_000n);
    await invite(inviter, 'two-only', { mostGifts: 2 });
    const guests = await Promise.all([1, 2, 3, 4, 5].map((n) => fixture.account(`many-${n}`)));
    const outcomes = await Promise.allSettled(guests.map((guest) => redeem('two-only', guest)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      expect(outcome.reason).toMatchObject({ code: 'invite.not_usable' });
    }
    expect(await fixture.balance(inviter)).toBe(80_000n);
  });

  it('ends by its time or when it is revoked, and nobody opens it in its own way', async () => {
    const inviter = await fixture.account('ending', 100_000n);
    await invite(inviter, 'over', { expiresAt: '2020-01-01T00:00:00Z' });
    await invite(inviter, 'revoked');
    await transact(fixture.engine, (tx) => revokeInvite(tx, inviter.id, 'revoked'));
    const guest = await fixture.account('late-guest');
    for (const code of ['over', 'revoked']) {
      await expect(redeem(code, guest)).rejects.toMatchObject({ code: 'invite.not_usable' });
    }
    await expect(redeem('unknown', guest)).rejects.toMatchObject({ code: 'invite.not_found' });
    const own = { type: 'INVITE_GIFT', args: { code: 'over', invitee: guest.id } };
    await expect(fixture.open(inviter, own)).rejects.toMatchObject({ code: 'action.unknown_type' });
  });
});

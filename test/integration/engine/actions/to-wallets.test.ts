import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAction } from '../../../../engine/actions/open.js';
import type { Opened } from '../../../../engine/actions/contract.js';
import { brokenRules } from '../../../support/books.js';
import { legsOf, type Person, retry, statesOf } from './bugs/bugs.helper.js';
import { ANONYMOUS } from './fixture.helper.js';
import { itemOf } from './items/world.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;
let op: Person;
let rootId: string;

beforeAll(async () => {
  at = await Wrapping.create();
  op = await at.fixture.account('op', 10_001_000n);
  const bounty = { kind: 'bounty', title: 'Who can do it?', bountySats: 1001 };
  const { view } = await at.fixture.open(op, { type: 'ITEM_CREATE', args: bounty });
  rootId = itemOf(view);
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

/** A comment below the post, by somebody with these wallets. */
async function comment(...wallets: readonly string[]): Promise<{ account: Person; id: string }> {
  const { account } = await at.payee(...wallets);
  const reply = { kind: 'comment', parentId: rootId, text: 'I can' };
  const { view } = await at.fixture.open(account, { type: 'ITEM_CREATE', args: reply });
  return { account, id: itemOf(view) };
}

const pay = (itemId: string, caller: Person = op): Promise<Opened> =>
  at.fixture.open(caller, { type: 'BOUNTY_PAYMENT', args: { itemId } });

describe('a bounty', () => {
  it('is paid to the wallet of the comment’s author, all of it, and never from a balance', async () => {
    const { account, id } = await comment('winner');
    const { view } = await pay(id);
    expect(view).toMatchObject({ costMsat: 1_032_000n });
    expect(view.attempts).toMatchObject([{ flow: 'wrapped', state: 'PENDING_HELD' }]);
    expect((await at.payAndDrive(view)).state).toBe('PAID');
    expect(await at.received('winner')).toBe(1_001_000n);
    expect(await at.fixture.balance(op)).toBe(10_000_000n);
    expect(await at.fixture.balance(account)).toBe(0n);
    const legs = await legsOf(at.fixture, view.id);
    expect(legs).toContain('out FORWARD SATS 1001000 1001000');
    await expect(pay(id)).rejects.toMatchObject({ code: 'bounty.paid' });
  });

  it('B25: of two payments in flight one is made', async () => {
    const { id } = await comment('raced');
    const [one, two] = [await pay(id), await pay(id)];
    await at.payAndDrive(one.view);
    await at.payAndDrive(two.view);
    expect(await statesOf(at.fixture, one.view.id)).toEqual(['PAID']);
    expect(await statesOf(at.fixture, two.view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect(await at.received('raced')).toBe(1_001_000n);
  });

  it('whose payee cannot be paid is given up and can be paid again, to a wallet again', async () => {
    const { id } = await comment('weak', 'strong');
    at.outcomes.set('weak', 'fail');
    const { view } = await pay(id);
    expect((await at.payAndDrive(view)).state).toBe('FAILED');
    const again = await retry(at.fixture, view.id, op);
    expect(again.view.attempts.at(-1)).toMatchObject({ flow: 'wrapped' });
    expect((await at.payAndDrive(again.view)).state).toBe('PAID');
    expect(await at.received('strong')).toBe(1_001_000n);
  });

  it('is refused to others, for other posts, and where nobody can be paid', async () => {
    const { account, id } = await comment('fine');
    await expect(pay(id, account)).rejects.toMatchObject({ code: 'bounty.not_yours' });
    await expect(pay((await comment()).id)).rejects.toMatchObject({ code: 'action.no_wallet' });
    await expect(pay(rootId)).rejects.toMatchObject({ code: 'item.not_found' });
    const { account: commenter } = await at.payee();
    const below = { kind: 'comment', parentId: await at.fixture.paidPost(op), text: 'no bounty' };
    const { view } = await at.fixture.open(commenter, { type: 'ITEM_CREATE', args: below });
    await expect(pay(itemOf(view))).rejects.toMatchObject({ code: 'bounty.none' });
  });
});

describe('a payment to a name', () => {
  const descriptionHash = createHash('sha256').update('shown').digest('hex');
  const toName = (payee: Person, sats: number): Promise<Opened> =>
    openAction(at.fixture.engine, {
      ...{ type: 'PROXY_PAYMENT', payment: 'invoice', door: true, caller: ANONYMOUS },
      args: { payee: payee.id, sats, comment: 'thanks', descriptionHash },
    });

  it.each([34, 1000, 777_777])(
    'of %i sats: 90 % to the wallet, what routing leaves to the pool',
    async (sats) => {
      const wallet = `named-${sats}`;
      const { account } = await at.payee(wallet);
      const { view } = await toName(account, sats);
      const bolt11 = view.attempts[0]?.invoice?.bolt11 ?? '';
      const decoded = await at.fixture.engine.node.decode(bolt11);
      expect(decoded).toMatchObject({ amountMsat: BigInt(sats) * 1000n, descriptionHash });
      expect((await at.payAndDrive(view)).state).toBe('PAID');
      expect(await at.received(wallet)).toBe(BigInt(sats) * 900n);
      expect(
        await at.fixture.count(
          `proxy_payments where payee = $1 and state = 'PAID' and comment = 'thanks'`,
          [account.id],
        ),
      ).toBe(1);
    },
  );

  it('B57: what its payer says is kept as it came, whatever it looks like', async () => {
    const { account } = await at.payee('quoted');
    const comment = '{"kind":9734,"tags":[]}';
    const { view } = await openAction(at.fixture.engine, {
      ...{ type: 'PROXY_PAYMENT', payment: 'invoice', door: true, caller: ANONYMOUS },
      args: { payee: account.id, sats: 1000, comment, descriptionHash },
    });
    expect((await at.payAndDrive(view)).state).toBe('PAID');
    expect(await at.fixture.count('proxy_payments where comment = $1', [comment])).toBe(1);
  });

  it('is not opened by callers, and never becomes credits', async () => {
    const { account } = await at.payee('silent');
    at.broken.add('silent');
    const { view } = await toName(account, 1000);
    expect(view.state).toBe('FAILED');
    // 3 % of it are less than any route costs.
    const { account: reachable } = await at.payee('reachable');
    expect((await toName(reachable, 2)).view.state).toBe('FAILED');
    expect(await at.fixture.balance(account)).toBe(0n);
    const own = { type: 'PROXY_PAYMENT', args: { payee: account.id, sats: 2, descriptionHash } };
    await expect(at.fixture.open(op, own)).rejects.toMatchObject({ code: 'action.unknown_type' });
  });
});

describe('what an account wants', () => {
  it('little stays with us, and wallets are not told what it is for', async () => {
    const { account, itemId } = await at.payee('private');
    const { pool } = at.fixture;
    await pool.query(
      `insert into account_settings (account, receive_credits_below_msat, hide_descriptions) values ($1, 700001, true)`,
      [account.id],
    );
    const small = await at.zap(itemId, 1000);
    expect(small.attempts).toMatchObject([{ flow: 'pessimistic' }]);
    const large = await at.zap(itemId, 1001);
    expect(large.attempts).toMatchObject([{ flow: 'wrapped' }]);
    const { rows } = await pool.query<{ bolt11: string }>(
      'select bolt11 from payments where action_id = $1',
      [large.id],
    );
    expect(await at.fixture.engine.node.decode(rows[0]?.bolt11 ?? '')).toMatchObject({ memo: '' });
  });
});

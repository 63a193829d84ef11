import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemCreate } from '../../../../../engine/actions/types/item-create.js';
import { brokenRules } from '../../../../support/books.js';
import { ActionFixture, ANONYMOUS, zapOf } from '../fixture.helper.js';
import { changeType, giveSats, legsOf } from './bugs.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

describe('costs and shares', () => {
  it.each([
    [1, 700n, 300n],
    [3, 2_100n, 900n],
    [777, 543_900n, 233_100n],
  ])(
    'B3: of a zap of %i sats the author gets 70 %%, the pool the rest',
    async (sats, author, pool) => {
      const zapped = await fixture.account(`zapped-${sats}`);
      const itemId = await fixture.paidPost(zapped);
      const zapper = await fixture.account(`zapper-${sats}`);
      const { view } = await fixture.open(zapper, zapOf(itemId, sats));
      await fixture.pay(view);
      await fixture.deliver();
      expect(await fixture.balance(zapped)).toBe(author);
      expect(await legsOf(fixture, view.id)).toContain(`out POOL SATS ${pool} ${pool}`);
    },
  );

  it('B21: what counts for an item is what was paid for it, once, whoever brings it', async () => {
    const itemId = await fixture.paidPost(await fixture.account('counted'));
    const payer = await fixture.account('payer', 150_000n);
    for (let n = 0; n < 2; n += 1) {
      const { view } = await fixture.open(payer, zapOf(itemId));
      if (view.state !== 'PAID') await fixture.pay(view);
      await fixture.deliver();
      await fixture.deliver();
    }
    expect(
      await fixture.count('item_counters where id = $1 and zaps = 2 and zapped_msat = 200000', [
        itemId,
      ]),
    ).toBe(1);
  });

  it('B30: only too small a balance leads to an invoice; any other error is an error', async () => {
    const rich = await fixture.account('rich', 100_000n);
    const error = new Error('the name is taken');
    changeType(itemCreate, {
      paymentMethods: ['credits', 'pessimistic'],
      perform: () => Promise.reject(error),
    });
    await expect(fixture.open(rich)).rejects.toBe(error);
    expect(await fixture.count('actions where actor = $1', [rich.id])).toBe(0);
    expect(await fixture.balance(rich)).toBe(100_000n);
  });

  it('B41: an invoice is of whole sats, whatever fractions the balance has', async () => {
    const itemId = await fixture.paidPost(await fixture.account('whole'));
    const payer = await fixture.account('fractions', 12_345n);
    await giveSats(fixture, payer, 1_999n);
    const { view } = await fixture.open(payer, zapOf(itemId));
    expect(await legsOf(fixture, view.id)).toEqual(
      expect.arrayContaining([
        'in BALANCE CREDITS 12345 12345',
        'in BALANCE SATS 1655 1655',
        'in INVOICE SATS 86000 -',
      ]),
    );
  });

  it('B47: what no payment could bring is refused when it is asked for', async () => {
    const itemId = await fixture.paidPost(await fixture.account('limits'));
    const payer = await fixture.account('whale');
    await expect(fixture.open(payer, zapOf(itemId, 1_000_001))).rejects.toMatchObject({
      code: 'action.invalid_args',
    });
    const { view } = await fixture.open(payer, zapOf(itemId, 1_000_000));
    expect(view.state).toBe('PENDING');
  });

  it('B48, B49: every type works with its least arguments, for everybody, in every flow', async () => {
    const itemId = await fixture.paidPost(await fixture.account('least'));
    const least = [{ type: 'ITEM_CREATE', args: { title: 'Title' } }, zapOf(itemId, 1)];
    const callers = [
      ANONYMOUS,
      await fixture.account('poor'),
      await fixture.account('rich-too', 9_000n),
    ];
    for (const request of least) {
      for (const caller of callers) {
        const { view } = await fixture.open(caller, request);
        if (view.state !== 'PAID') await fixture.pay(view);
        await fixture.deliver();
        await fixture.drive(view.id);
        expect((await fixture.view(view.id)).state).toBe('PAID');
      }
    }
  });
});

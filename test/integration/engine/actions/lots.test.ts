import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCredits } from '../../../../engine/accounts/accounts.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import { toMsat } from '../../../../domain/money.js';
import { brokenRules } from '../../../support/books.js';
import { ageCredits } from '../../../support/age-credits.js';
import { grantFor, type Person, sweep } from './credit-lots.helper.js';
import { ActionFixture, zapOf } from './fixture.helper.js';

let fixture: ActionFixture;
let itemId: string;
let author: Person;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  author = await fixture.account('author');
  itemId = await fixture.paidPost(author);
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const spendable = (person: Person): Promise<bigint> => readCredits(fixture.pool, person.id);

async function lotsOf(person: Person): Promise<string[]> {
  const { rows } = await fixture.pool.query<{ line: string }>(
    `select remaining || ' of ' || amount || case when expires_at is null then '' else ' expiring' end as line
     from credit_lots where ledger = 'actions' and address = $1 order by granted_at`,
    [person.id],
  );
  return rows.map(({ line }) => line);
}

describe('paying by credits', () => {
  it('drains the oldest lots, and gives the author a lot that never expires', async () => {
    const rich = await fixture.account('rich');
    await grantFor(fixture, rich, { msat: 60_000n, hours: 10, key: 'rich-1' });
    await grantFor(fixture, rich, { msat: 60_000n, hours: null, key: 'rich-2' });
    const before = await fixture.balance(author);
    const { view } = await fixture.open(rich, { ...zapOf(itemId), payment: 'credits' });
    expect(view.state).toBe('PAID');
    expect(await lotsOf(rich)).toEqual(['20000 of 60000']);
    expect((await lotsOf(author)).at(-1)).toBe('70000 of 70000');
    expect(await fixture.balance(author)).toBe(before + 70_000n);
    const history = await fixture.pool.query(
      `select amount, origin, origin_ref, payment_method from credit_history
       where credit_ref = $1 order by credit_index`,
      [`action/${view.id}/1/paid`],
    );
    expect(history.rows).toEqual([
      {
        ...{ amount: -100_000n, origin: view.id, origin_ref: null },
        payment_method: 'action_payment',
      },
      {
        ...{ amount: 70_000n, origin: view.id, origin_ref: 'ZAP' },
        payment_method: 'action_share',
      },
    ]);
  });

  it('does not use what has expired, swept or not', async () => {
    const late = await fixture.account('late');
    await grantFor(fixture, late, { msat: 90_000n, hours: 1, key: 'late-1' });
    await grantFor(fixture, late, { msat: 50_000n, hours: null, key: 'late-2' });
    await ageCredits(fixture.pool, 1);
    expect(await spendable(late)).toBe(50_000n);
    expect(await fixture.balance(late)).toBe(140_000n);
    const zap = { ...zapOf(itemId), payment: 'credits' as const };
    await expect(fixture.open(late, zap)).rejects.toMatchObject({
      code: 'action.insufficient_credits',
      detail: 'it costs 100000 msat, the balance is 50000 msat',
    });
    await fixture.open(late, { ...zapOf(itemId, 40), payment: 'credits' });
    expect(await lotsOf(late)).toEqual(['90000 of 90000 expiring', '10000 of 50000']);
    expect(await sweep(fixture)).toBe(1);
    expect(await fixture.balance(late)).toBe(10_000n);
    expect(await spendable(late)).toBe(10_000n);
    expect(
      await fixture.count(
        `postings p join ledger_accounts a on a.id = p.ledger_account_id
         where a.system = 'expired' and p.amount_msat = 90000`,
      ),
    ).toBe(1);
  });

  it('does so whatever the clock says now', async () => {
    const early = await fixture.account('early');
    await grantFor(fixture, early, { msat: 200_000n, hours: null, key: 'early' });
    await ageCredits(fixture.pool, -1);
    for (const left of [100_000n, 0n]) {
      await fixture.open(early, { ...zapOf(itemId), payment: 'credits' });
      expect(await spendable(early)).toBe(left);
    }
    await ageCredits(fixture.pool, 1);
    expect(await brokenRules(fixture.pool)).toEqual([]);
  });

  it('goes by invoice where valid credits do not cover it', async () => {
    const auto = await fixture.account('auto');
    await grantFor(fixture, auto, { msat: 100_000n, hours: 1, key: 'auto' });
    await ageCredits(fixture.pool, 1);
    const { view } = await fixture.open(auto, zapOf(itemId));
    expect(view.attempts[0]?.flow).toBe('optimistic');
  });

  it('pays a retry', async () => {
    const again = await fixture.account('again');
    const { view } = await fixture.open(again, zapOf(itemId));
    await cancelAction(fixture.engine, { actionId: view.id, caller: again });
    await grantFor(fixture, again, { msat: 100_000n, hours: 1, key: 'again' });
    const retried = await retryAction(fixture.engine, {
      ...{ actionId: view.id, attempt: 1, payment: 'credits', caller: again },
    });
    expect(retried.view.state).toBe('PAID');
    expect(await lotsOf(again)).toEqual([]);
  });
});

describe('credits that come from payments', () => {
  it('never expire and merge into one lot: what was paid too much, and money of an attempt that is over', async () => {
    const payer = await fixture.account('payer');
    const { view } = await fixture.open(payer, zapOf(itemId));
    await fixture.pay(view, 150_000n);
    await fixture.deliver();
    expect(await lotsOf(payer)).toEqual(['50000 of 50000']);
    const other = await fixture.open(payer, { ...zapOf(itemId), payment: 'invoice' });
    await cancelAction(fixture.engine, { actionId: other.view.id, caller: payer });
    const hash = other.view.attempts[0]?.invoice?.hash ?? '';
    await fixture.report({ hash, state: 'settled', receivedMsat: toMsat(100_000n) });
    expect(await lotsOf(payer)).toEqual(['150000 of 150000']);
  });
});

describe('an attempt that is paid by credits and an invoice, and fails', () => {
  async function failed(name: string, hoursUntilFailure: number): Promise<Person> {
    const payer = await fixture.account(name);
    await grantFor(fixture, payer, { msat: 50_000n, hours: 2, key: `${name}-1` });
    await grantFor(fixture, payer, { msat: 50_000n, hours: null, key: `${name}-2` });
    const { view } = await fixture.open(payer, zapOf(itemId, 120));
    expect(view.attempts[0]?.invoice?.amountMsat).toBe(20_000n);
    expect(await spendable(payer)).toBe(0n);
    await ageCredits(fixture.pool, hoursUntilFailure);
    await cancelAction(fixture.engine, { actionId: view.id, caller: payer });
    expect((await fixture.view(view.id)).state).toBe('FAILED');
    expect(await spendable(payer)).toBe(100_000n);
    // The node's own word comes again, and changes nothing.
    await fixture.deliver();
    expect(await spendable(payer)).toBe(100_000n);
    return payer;
  }

  it('refunds them to the lots they were drained from', async () => {
    const payer = await failed('in-time', 0);
    expect(await lotsOf(payer)).toEqual(['50000 of 50000 expiring', '50000 of 50000']);
  });

  it('refunds what can be spent at once, whatever the clock says now', async () => {
    const payer = await failed('at-once', 0);
    await ageCredits(fixture.pool, -1);
    const { view } = await fixture.open(payer, { ...zapOf(itemId), payment: 'credits' });
    expect(view.state).toBe('PAID');
    expect(await lotsOf(payer)).toEqual([]);
    await ageCredits(fixture.pool, 1);
  });

  it('refunds what has expired as a lot with a grace period', async () => {
    const payer = await failed('too-late', 2);
    expect((await lotsOf(payer)).sort()).toEqual(['50000 of 50000', '50000 of 50000 expiring']);
    await ageCredits(fixture.pool, 30 * 24);
    expect(await spendable(payer)).toBe(50_000n);
    await sweep(fixture);
    expect(await fixture.balance(payer)).toBe(50_000n);
  });
});

describe('the schema', () => {
  it('refuses lots without postings and postings without lots', async () => {
    const holder = await fixture.account('holder', 1_000n);
    const differ = /postings and lots of account .* differ/;
    await expect(
      fixture.pool.query('update credit_lots set remaining = remaining - 1 where address = $1', [
        holder.id,
      ]),
    ).rejects.toThrow(differ);
    await expect(
      fixture.pool.query('delete from credit_lots where address = $1', [holder.id]),
    ).rejects.toThrow(differ);
    await expect(
      fixture.pool.query(
        `update ledger_accounts set balance_msat = balance_msat - 1 where owner = $1 and asset = 'CREDITS'`,
        [holder.id],
      ),
    ).rejects.toThrow(differ);
    await expect(
      fixture.pool.query(
        `insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
         values ('actions', $1, 'from nothing', 0, 1, 1, now(), 'infinity')`,
        [holder.id],
      ),
    ).rejects.toThrow(differ);
    expect(await fixture.balance(holder)).toBe(1_000n);
  });
});

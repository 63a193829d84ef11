import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import { brokenRules } from '../../../support/books.js';
import { expire, giveSats, legsOf, report, retry, statesOf } from './bugs/bugs.helper.js';
import { ActionFixture, zapOf } from './fixture.helper.js';

let fixture: ActionFixture;
let itemId: string;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  itemId = await fixture.paidPost(await fixture.account('author'));
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const PLAN = [
  'in BALANCE CREDITS 40000 40000',
  'in INVOICE SATS 60000 -',
  'out ZAP CREDITS 70000 -',
  'out POOL SATS 30000 -',
];

/** The examples of docs/payments.md: a zap of 100 sats by somebody with 40 sats of credits. */
describe('a mixed payment', () => {
  it('takes the credits at once and asks for the rest', async () => {
    const payer = await fixture.account('opening', 40_000n);
    const { view } = await fixture.open(payer, zapOf(itemId));
    expect(view.attempts[0]?.invoice?.amountMsat).toBe(60_000n);
    expect(await legsOf(fixture, view.id)).toEqual(PLAN);
    expect(await fixture.balance(payer)).toBe(0n);
  });

  it('that is paid converts what the author gets in credits', async () => {
    const { view } = await fixture.open(await fixture.account('paid', 40_000n), zapOf(itemId));
    await fixture.pay(view);
    await fixture.deliver();
    expect(await legsOf(fixture, view.id)).toEqual([
      'in BALANCE CREDITS 40000 40000',
      'in INVOICE SATS 60000 60000',
      'out ZAP CREDITS 70000 70000',
      'out POOL SATS 30000 30000',
      'conversion CONVERSION SATS - 30000',
    ]);
  });

  it('that is overpaid gives the surplus back as credits', async () => {
    const payer = await fixture.account('overpaid', 40_000n);
    const { view } = await fixture.open(payer, zapOf(itemId));
    await fixture.pay(view, 75_000n);
    await fixture.deliver();
    expect(await legsOf(fixture, view.id)).toEqual([
      'in BALANCE CREDITS 40000 40000',
      'in INVOICE SATS 60000 75000',
      'out ZAP CREDITS 70000 70000',
      'out POOL SATS 30000 30000',
      'refund OVERPAID CREDITS - 15000',
      'conversion CONVERSION SATS - 45000',
    ]);
    expect(await fixture.balance(payer)).toBe(15_000n);
  });

  it('that fails gives the credits back, and late money becomes credits: it does not cover the cost', async () => {
    const payer = await fixture.account('failed', 40_000n);
    const { view } = await fixture.open(payer, zapOf(itemId));
    await expire(fixture, view.id);
    expect(await legsOf(fixture, view.id)).toEqual([...PLAN, 'refund RETURNED CREDITS - 40000']);
    expect(await fixture.balance(payer)).toBe(40_000n);
    await report(fixture, view, 'settled', 60_000n);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED INVOICE_EXPIRED']);
    expect(await legsOf(fixture, view.id)).toEqual([
      'in BALANCE CREDITS 40000 40000',
      'in INVOICE SATS 60000 60000',
      'out ZAP CREDITS 70000 -',
      'out POOL SATS 30000 -',
      'refund RETURNED CREDITS - 40000',
      'refund UNSPENT CREDITS - 60000',
      'conversion CONVERSION SATS - 60000',
    ]);
    expect(await fixture.balance(payer)).toBe(100_000n);
  });

  it('spends credits, then sats, and gives both back when it is cancelled', async () => {
    const payer = await fixture.account('both', 40_000n);
    await giveSats(fixture, payer, 20_500n);
    const { view } = await fixture.open(payer, zapOf(itemId));
    expect(await legsOf(fixture, view.id)).toEqual([
      'in BALANCE CREDITS 40000 40000',
      'in BALANCE SATS 20000 20000',
      'in INVOICE SATS 40000 -',
      'out ZAP CREDITS 70000 -',
      'out POOL SATS 30000 -',
    ]);
    await cancelAction(fixture.engine, { actionId: view.id, caller: payer });
    expect((await legsOf(fixture, view.id)).slice(-2)).toEqual([
      'refund RETURNED CREDITS - 40000',
      'refund RETURNED SATS - 20000',
    ]);
    expect(await fixture.balance(payer)).toBe(40_000n);
    expect(await fixture.balance(payer, 'SATS')).toBe(20_500n);
  });

  it('by credits alone converts what the pool gets in sats', async () => {
    const { view } = await fixture.open(await fixture.account('rich', 100_000n), zapOf(itemId));
    expect(await legsOf(fixture, view.id)).toEqual([
      'in BALANCE CREDITS 100000 100000',
      'out ZAP CREDITS 70000 70000',
      'out POOL SATS 30000 30000',
      'conversion CONVERSION CREDITS - 30000',
    ]);
  });

  it('O11: a retry is planned anew with the balance of now, at the old cost and shares', async () => {
    const payer = await fixture.account('retrying', 40_000n);
    const { view } = await fixture.open(payer, { ...zapOf(itemId), payment: 'invoice' });
    await expire(fixture, view.id);
    await retry(fixture, view.id, payer);
    expect(await legsOf(fixture, view.id, 2)).toEqual(PLAN);
    await expire(fixture, view.id);
    await giveSats(fixture, payer, 60_000n);
    await retry(fixture, view.id, payer);
    expect(await statesOf(fixture, view.id)).toEqual([
      'FAILED INVOICE_EXPIRED',
      'FAILED INVOICE_EXPIRED',
      'PAID',
    ]);
    expect((await fixture.view(view.id)).attempts[2]?.flow).toBe('credits');
  });
});

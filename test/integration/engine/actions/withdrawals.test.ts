import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toMsat } from '../../../../domain/money.js';
import { transact } from '../../../../engine/context.js';
import { applyPaymentUpdate } from '../../../../engine/actions/outgoing/apply-payment.js';
import { brokenRules } from '../../../support/books.js';
import { ActionFixture } from './fixture.helper.js';
import { Withdrawing } from './withdrawing.helper.js';

let fixture: ActionFixture;
let at: Withdrawing;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  at = await Withdrawing.on(fixture);
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

describe('a withdrawal', () => {
  it('reserves amount and budget, pays, and gives back what routing did not cost', async () => {
    const account = await at.rich();
    const before = await at.received();
    const { hash, bolt11 } = await at.invoice();
    const { view } = await at.open(account, bolt11);
    expect(view).toMatchObject({ type: 'WITHDRAWAL', state: 'WITHDRAWING', costMsat: 110_000n });
    expect(await at.sats(account)).toBe(890_000n);
    expect((await fixture.drive(view.id)).finished).toBe(true);
    expect(await at.state(view)).toBe('PAID');
    // The route costs 1 sat and one millionth.
    expect(await at.sats(account)).toBe(1_000_000n - 100_000n - 1_000n);
    expect((await at.received()) - before).toBe(100_000n);
    expect(await at.sends(hash)).toEqual(['succeeded']);
  });

  it('fails for good, and gives all of it back', async () => {
    const account = await at.rich();
    const { hash, bolt11 } = await at.invoice(100_000n, 'fail');
    const { view } = await at.open(account, bolt11);
    await fixture.drive(view.id);
    expect((await fixture.view(view.id)).attempts).toMatchObject([
      { state: 'FAILED', reason: 'WITHDRAWAL_FAILED', flow: 'withdrawal' },
    ]);
    expect(await at.sats(account)).toBe(1_000_000n);
    expect(await at.sends(hash)).toEqual(['failed']);
  });

  it('is refused with nothing changed: no invoice, one of ours, one that was paid, too few sats', async () => {
    const account = await at.rich();
    const refused = async (bolt11: string, code: string): Promise<void> => {
      await expect(at.open(account, bolt11)).rejects.toMatchObject({ code });
    };
    await refused('lnbcrt1nonsense', 'withdrawal.invalid_invoice');
    const { view: post } = await fixture.open(account, { payment: 'invoice' });
    await refused(post.attempts[0]?.invoice?.bolt11 ?? '', 'withdrawal.own_invoice');
    await refused((await at.invoice(1_000_000n)).bolt11, 'withdrawal.insufficient_sats');
    const { bolt11 } = await at.invoice(1_000n, 'fail');
    const { view } = await at.open(account, bolt11);
    await refused(bolt11.toUpperCase(), 'withdrawal.invoice_used');
    await fixture.drive(view.id);
    await refused(`lightning:${bolt11}`, 'withdrawal.invoice_used');
    expect(await at.sats(account)).toBe(1_000_000n);
  });

  it('B27: to an invoice that was paid is refused, and pays nobody again', async () => {
    const account = await at.rich();
    const { hash, bolt11 } = await at.invoice(10_000n);
    const { view } = await at.open(account, bolt11);
    await at.send(hash);
    expect(await at.state(view)).toBe('PAID');
    const received = await at.received();
    const sats = await at.sats(account);
    for (const caller of [account, await at.rich()]) {
      const refused = { code: 'withdrawal.invoice_used' };
      await expect(at.open(caller, bolt11)).rejects.toMatchObject(refused);
    }
    expect([await at.received(), await at.sats(account)]).toEqual([received, sats]);
  });

  it('takes the amount from the caller only where the invoice names none', async () => {
    const account = await at.rich();
    const { bolt11 } = await at.invoice(0n);
    await expect(at.open(account, bolt11)).rejects.toMatchObject({
      code: 'withdrawal.amount_required',
    });
    const { view } = await at.open(account, bolt11, { amountMsat: toMsat(7_000n) });
    await fixture.drive(view.id);
    expect(await at.state(view)).toBe('PAID');
    const named = await at.invoice(5_000n);
    await expect(
      at.open(account, named.bolt11, { amountMsat: toMsat(6_000n) }),
    ).rejects.toMatchObject({ code: 'withdrawal.amount_required' });
  });

  it('of many at once to one invoice, one is opened', async () => {
    const account = await at.rich();
    const { bolt11 } = await at.invoice(10_000n);
    const opened = await Promise.allSettled([1, 2, 3, 4].map(() => at.open(account, bolt11)));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await at.sats(account)).toBe(1_000_000n - 20_000n);
  });
});

describe('the same withdrawal at the same time', () => {
  it('is a replay where the node knows of the payment of the faster one already', async () => {
    const account = await at.rich();
    const { bolt11 } = await at.invoice(10_000n);
    const idempotencyKey = {
      scope: Buffer.alloc(32, 1),
      key: randomUUID(),
      bodyHash: Buffer.alloc(32, 2),
    };
    let faster: Awaited<ReturnType<Withdrawing['open']>> | undefined;
    fixture.node.before.set('lookupPayment', async () => {
      fixture.node.before.delete('lookupPayment');
      faster = await at.open(account, bolt11, { idempotencyKey });
      await fixture.drive(faster.view.id);
    });
    const slower = await at.open(account, bolt11, { idempotencyKey });
    expect(slower).toMatchObject({ replayed: true, view: { id: faster?.view.id } });
    expect(faster?.replayed).toBe(false);
    // With a key of its own it is refused as before.
    await expect(at.open(account, bolt11)).rejects.toMatchObject({
      code: 'withdrawal.invoice_used',
    });
  });
});

describe('sends of a withdrawal', () => {
  it('whose answer is lost are asked for, and not made again', async () => {
    const account = await at.rich();
    const { hash, bolt11 } = await at.invoice();
    const { view } = await at.open(account, bolt11);
    fixture.node.failNext('sendPayment', 'answer_lost');
    expect(await at.send(hash)).toMatchObject({ kind: 'unknown' });
    expect(await at.sends(hash)).toEqual([null]);
    await at.send(hash);
    expect(await at.sends(hash)).toEqual(['succeeded']);
    expect(await at.state(view)).toBe('PAID');
  });

  it('that did not reach the node are made again, as rows of their own', async () => {
    const account = await at.rich();
    const { hash, bolt11 } = await at.invoice();
    const { view } = await at.open(account, bolt11);
    fixture.node.failNext('sendPayment', 'unavailable');
    await at.send(hash);
    await at.send(hash);
    expect(await at.sends(hash)).toEqual(['unavailable', 'succeeded']);
    expect(await at.state(view)).toBe('PAID');
  });

  it('a process paused between row and socket keeps FAILED from counting, and its late send is booked', async () => {
    const account = await at.rich();
    const { hash, bolt11 } = await at.invoice(100_000n, 'fail');
    const { view } = await at.open(account, bolt11);
    let paused: Promise<unknown> = Promise.resolve();
    await new Promise<void>((stopped) => {
      const held = new Promise<void>((resume) => {
        fixture.node.before.set('sendPayment', () => {
          stopped();
          return held;
        });
        resumeLate = resume;
      });
      paused = at.send(hash);
    });
    // Another takes over: NOT_FOUND, so it sends as another row, which fails.
    expect(await at.send(hash)).toMatchObject({ kind: 'unknown' });
    expect(await at.sends(hash)).toEqual([null, 'failed']);
    expect(await at.send(hash)).toMatchObject({ kind: 'unknown' });
    expect(await at.state(view)).toBe('WITHDRAWING');
    await fixture.wallets.decide('payee', hash, 'succeed');
    resumeLate();
    await paused;
    await at.send(hash);
    expect(await at.state(view)).toBe('PAID');
    expect(await at.sats(account)).toBe(1_000_000n - 101_000n);
  });

  it('are refused by the schema without the current lease, or when it is over', async () => {
    const account = await at.rich();
    const { hash, bolt11 } = await at.invoice();
    const { view } = await at.open(account, bolt11);
    const insert = (n: number, lease: number): Promise<unknown> =>
      fixture.pool.query(
        `insert into sends (hash, n, lease, process) values ($1, $2, $3, 'test')`,
        [hash, n, lease],
      );
    await expect(insert(1, 7)).rejects.toThrow('lease 7');
    await at.send(hash);
    expect(await at.state(view)).toBe('PAID');
    await expect(insert(2, 1)).rejects.toThrow('may be sent now');
    await expect(
      fixture.pool.query(`update payments set max_fee_msat = 1 where hash = $1`, [hash]),
    ).rejects.toThrow('is fixed');
    await expect(
      fixture.pool.query(`update payments set state = 'failed' where hash = $1`, [hash]),
    ).rejects.toThrow();
  });

  it('success after FAILED is our loss, and the books still add up', async () => {
    const account = await at.rich();
    const { hash, bolt11 } = await at.invoice(100_000n, 'fail');
    const { view } = await at.open(account, bolt11);
    await fixture.drive(view.id);
    expect(await at.state(view)).toBe('FAILED');
    const preimage = await preimageOf(hash);
    const update = { hash, state: 'succeeded', feeMsat: toMsat(500n), preimage } as const;
    const apply = (): Promise<string> =>
      transact(fixture.engine, (tx) => applyPaymentUpdate(fixture.engine, tx, update));
    expect(await apply()).toBe('applied');
    expect(await apply()).toBe('known');
    expect(await at.sats(account)).toBe(1_000_000n);
    expect(
      await fixture.count(
        `postings p join ledger_accounts a on a.id = p.ledger_account_id join entries e on e.id = p.entry_id
         where a.system = 'losses' and e.key = $1 and p.amount_msat = -100500`,
        [`action/${view.id}/1/loss`],
      ),
    ).toBe(1);
  });
});

let resumeLate = (): void => undefined;

async function preimageOf(hash: string): Promise<string> {
  const { rows } = await fixture.pool.query<{ preimage: string }>(
    'select preimage from lightning_sim.invoices where hash = $1',
    [hash],
  );
  return rows[0]?.preimage ?? '';
}

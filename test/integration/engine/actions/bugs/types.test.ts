import { runParked } from '../../../../../engine/actions/parked-hooks.js';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import { retryAction } from '../../../../../engine/actions/retry.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { itemCreate } from '../../../../../engine/actions/types/item-create.js';
import { zap } from '../../../../../engine/actions/types/zap.js';
import { TypeFailed } from '../../../../../engine/actions/run-type.js';
import { invoiceName } from '../../../../../engine/invoices/open-invoice.js';
import { derivePreimage } from '../../../../../engine/invoices/preimage.js';
import type { Msat } from '../../../../../domain/money.js';
import { Refusal } from '../../../../../domain/refusal.js';
import { brokenRules } from '../../../../support/books.js';
import { ActionFixture, ANONYMOUS, zapOf } from '../fixture.helper.js';
import { changeType, expire, hashOf, legsOf, report, retry, statesOf } from './bugs.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const broken = (): Promise<never> =>
  Promise.reject(new TypeError('cannot read properties of undefined'));

describe('a rule that was tightened', () => {
  it('buries no payment: stored arguments are not checked by the schema of today', async () => {
    const held = await fixture.open(ANONYMOUS);
    const ordinary = await fixture.open(await fixture.account('ordinary'));
    const late = await fixture.open(await fixture.account('late'));
    await expire(fixture, late.view.id);
    const tightened = itemCreate.args.refine(() => false, 'refuses everything');
    changeType(itemCreate, { args: tightened });
    await expect(fixture.open(ANONYMOUS)).rejects.toMatchObject({ code: 'action.invalid_args' });
    for (const { view } of [held, ordinary]) {
      await fixture.pay(view);
      await fixture.deliver();
      await fixture.drive(view.id);
      expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
    }
    await report(fixture, late.view, 'settled');
    expect(await statesOf(fixture, late.view.id)).toEqual(['FAILED INVOICE_EXPIRED', 'PAID']);
  });

  it('is read from an earlier version of the arguments as its type says', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    const stored = z.object({ title: z.string(), text: z.string() });
    changeType(itemCreate, {
      version: 3,
      earlier: {
        2: (args) => ({
          kind: 'discussion' as const,
          ...{ territories: [], boostSats: 0, forwards: [] },
          ...{ ...stored.parse(args), title: 'decoded from before' },
        }),
      },
    });
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect(
      await fixture.count(`items where action_id = $1 and title = 'decoded from before'`, [
        view.id,
      ]),
    ).toBe(1);
  });

  it('is no refusal where this release does not know the version: the payment waits for one that does', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    await fixture.pool.query('update actions set args_version = 7 where id = $1', [view.id]);
    await expect(report(fixture, view, 'held')).rejects.toThrow('does not know version 7');
    expect(await statesOf(fixture, view.id)).toEqual(['PENDING_HELD']);
    await fixture.pool.query('update actions set args_version = 1 where id = $1', [view.id]);
    await report(fixture, view, 'held');
    await fixture.drive(view.id);
    expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
  });

  it('may refuse a retry, which changes nothing', async () => {
    const author = await fixture.account('refused');
    const { view } = await fixture.open(author);
    await expire(fixture, view.id);
    changeType(itemCreate, {
      validate: () => Promise.reject(new Refusal('item.unpaid', 'not like this any more')),
    });
    await expect(retry(fixture, view.id, author)).rejects.toMatchObject({ code: 'item.unpaid' });
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED INVOICE_EXPIRED']);
  });
});

describe('a type with an error', () => {
  it('in perform, when the money is held: it is cancelled and the payer gets it back', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    changeType(itemCreate, { perform: broken });
    await fixture.pay(view);
    await fixture.deliver();
    expect(await statesOf(fixture, view.id)).toEqual(['CANCELLING EXECUTION_FAILED']);
    await fixture.drive(view.id);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    const payment = await fixture.wallets.findPayment('payer', hashOf(view));
    expect(payment).toMatchObject({ state: 'failed' });
  });

  it('B29: in a statement that fails: the transaction goes on, with nothing of the type in it', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    changeType(itemCreate, {
      async perform(tx, { actionId }) {
        await tx.query(
          `insert into items (action_id, title, state) values ($1, 'half', 'PENDING')`,
          [actionId],
        );
        await tx.query('insert into no_such_table values (1)');
      },
    });
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect(await fixture.count('items where action_id = $1', [view.id])).toBe(0);
  });

  it('O1, O8: in onPaid, for ever: after five failures the payer has the money, and the rows are undone', async () => {
    const itemId = await fixture.paidPost(await fixture.account('zapped'));
    const payer = await fixture.account('payer', 40_000n);
    const { view } = await fixture.open(payer, zapOf(itemId));
    await fixture.pay(view);
    changeType(zap, { onPaid: broken });
    const events = await fixture.count(`outbox where payload->>'actionId' = $1`, [view.id]);
    for (let n = 0; n < 5; n += 1) {
      await expect(report(fixture, view, 'settled', 60_000n)).rejects.toThrow(TypeFailed);
      expect(await statesOf(fixture, view.id)).toEqual(['PENDING']);
    }
    // Nothing was told of what was rolled back.
    expect(await fixture.count(`outbox where payload->>'actionId' = $1`, [view.id])).toBe(events);
    await report(fixture, view, 'settled', 60_000n);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect((await legsOf(fixture, view.id)).slice(-3)).toEqual([
      'refund RETURNED CREDITS - 40000',
      'refund UNSPENT CREDITS - 60000',
      'conversion CONVERSION SATS - 60000',
    ]);
    expect(await fixture.balance(payer)).toBe(100_000n);
    expect(await fixture.count(`zaps where action_id = $1 and state = 'FAILED'`, [view.id])).toBe(
      1,
    );
  });

  it('in onPaid, once: the payment is applied when it comes again', async () => {
    const itemId = await fixture.paidPost(await fixture.account('zapped-later'));
    const { view } = await fixture.open(await fixture.account('patient'), zapOf(itemId));
    await fixture.pay(view);
    const before = { ...zap };
    let failures = 0;
    changeType(zap, {
      onPaid: async (tx, actions) => {
        failures += 1;
        if (failures === 1) return broken();
        return before.onPaid?.(tx, actions);
      },
    });
    await expect(report(fixture, view, 'settled')).rejects.toThrow(TypeFailed);
    await report(fixture, view, 'settled');
    expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
    expect(await fixture.count('item_counters where id = $1 and zaps = 1', [itemId])).toBe(1);
  });

  it('in onPaid, while its author cancels: the answer says that this is not done, and the failure counts', async () => {
    const itemId = await fixture.paidPost(await fixture.account('zapped-twice'));
    const payer = await fixture.account('cancelling');
    const { view } = await fixture.open(payer, zapOf(itemId));
    fixture.node.before.set('cancelInvoice', () => fixture.pay(view));
    changeType(zap, { onPaid: broken });
    const request = { actionId: view.id, caller: payer };
    expect(await cancelAction(fixture.engine, request)).toMatchObject({
      done: false,
      view: { state: 'CANCELLING' },
    });
    expect(
      await fixture.count('attempts where action_id = $1 and type_failures = 1', [view.id]),
    ).toBe(1);
    for (let n = 0; n < 4; n += 1) await cancelAction(fixture.engine, request);
    expect(await cancelAction(fixture.engine, request)).toMatchObject({ done: true });
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED USER_CANCELLED']);
    expect(await fixture.balance(payer)).toBe(view.costMsat);
  });

  it('in onPaid, of a payment that came before its invoice was recorded: the request is answered', async () => {
    const itemId = await fixture.paidPost(await fixture.account('zapped-early'));
    const payer = await fixture.account('early');
    changeType(zap, { onPaid: broken });
    fixture.node.before.set('createInvoice', async () => {
      const { rows } = await fixture.pool.query<{ id: string; hash: string; amount: Msat }>(
        `select action_id as id, hash, amount_msat as amount from invoices where state = 'wanted'`,
      );
      const [wanted] = rows;
      if (wanted === undefined) throw new Error('no invoice is wanted');
      const name = invoiceName({ actionId: wanted.id, attempt: 1 }, 1);
      const { bolt11 } = await fixture.node.createInvoice({
        ...{ kind: 'ordinary', preimage: derivePreimage(fixture.engine.secret, name) },
        ...{ amountMsat: wanted.amount, expirySeconds: 600, memo: 'made before' },
      });
      await fixture.wallets.pay({ wallet: 'payer', bolt11 });
    });
    const { view } = await fixture.open(payer, zapOf(itemId));
    expect(view.state).toBe('INVOICING');
    expect(
      await fixture.count('attempts where action_id = $1 and type_failures = 1', [view.id]),
    ).toBe(1);
  });

  it('in onPaid, after a hold was settled: the payer without an account has a claim', async () => {
    const itemId = await fixture.paidPost(await fixture.account('held-zap'));
    const { view } = await fixture.open(ANONYMOUS, zapOf(itemId));
    await fixture.pay(view);
    await fixture.deliver();
    changeType(zap, { onPaid: broken });
    const ref = { actionId: view.id, attempt: 1 };
    for (let n = 0; n < 5; n += 1) {
      await expect(fixture.makeCalls(ref)).rejects.toThrow(TypeFailed);
    }
    await fixture.makeCalls(ref);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect(
      await fixture.count(
        `claims where action_id = $1 and amount_msat = 100000 and state = 'open'`,
        [view.id],
      ),
    ).toBe(1);
  });

  it('in undo: the payer has the money back all the same, and undoing is left to be done', async () => {
    const itemId = await fixture.paidPost(await fixture.account('stuck'));
    const payer = await fixture.account('refunded', 40_000n);
    const { view } = await fixture.open(payer, zapOf(itemId));
    changeType(zap, { undo: broken });
    await expire(fixture, view.id);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED INVOICE_EXPIRED']);
    expect(await fixture.balance(payer)).toBe(40_000n);
    const effects = `effects where action_id = $1 and attempt = 1 and kind = 'undo' and done_at is null
      and last_error like '%cannot read properties%'`;
    expect(await fixture.count(effects, [view.id])).toBe(1);
    expect(await fixture.count(`zaps where action_id = $1 and state <> 'PAID'`, [view.id])).toBe(1);

    expect(await runParked(fixture.pool)).toBe(true);
    expect(await fixture.count(effects, [view.id])).toBe(1);
    changeType(zap, { undo: () => Promise.resolve() });
    await fixture.pool.query('update effects set due_at = clock_timestamp()');
    expect(await runParked(fixture.pool)).toBe(true);
    expect(await fixture.count(effects, [view.id])).toBe(0);
    expect(await fixture.count(`zaps where action_id = $1 and state = 'FAILED'`, [view.id])).toBe(
      1,
    );
    expect(await runParked(fixture.pool)).toBe(false);
  });

  it('in undo, and tried again by its author meanwhile: the new attempt is left alone', async () => {
    const itemId = await fixture.paidPost(await fixture.account('stuck-2'));
    const payer = await fixture.account('again');
    const { view } = await fixture.open(payer, zapOf(itemId));
    changeType(zap, { undo: broken });
    await expire(fixture, view.id);
    await retryAction(fixture.engine, {
      ...{ actionId: view.id, attempt: 1, payment: 'invoice', caller: payer },
    });
    expect(await runParked(fixture.pool)).toBe(true);
    expect(await fixture.count(`zaps where action_id = $1 and state = 'PENDING'`, [view.id])).toBe(
      1,
    );
    expect(await runParked(fixture.pool)).toBe(false);
  });

  it('in perform or onPaid, when money comes late: it becomes credits of the payer', async () => {
    const payer = await fixture.account('late-payer');
    const first = await fixture.open(payer);
    await expire(fixture, first.view.id);
    changeType(itemCreate, { onPaid: broken });
    await report(fixture, first.view, 'settled');
    expect(await statesOf(fixture, first.view.id)).toEqual(['FAILED INVOICE_EXPIRED']);
    expect(await fixture.balance(payer)).toBe(1_000n);
    expect(
      await fixture.count(`items where action_id = $1 and state = 'FAILED'`, [first.view.id]),
    ).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import { itemCreate } from '../../../../../engine/actions/types/item-create.js';
import { TypeFailed } from '../../../../../engine/actions/run-type.js';
import { zap } from '../../../../../engine/actions/types/zap.js';
import { invoiceName } from '../../../../../engine/invoices/open-invoice.js';
import { derivePreimage } from '../../../../../engine/invoices/preimage.js';
import { toMsat } from '../../../../../domain/money.js';
import { brokenRules } from '../../../../support/books.js';
import { ActionFixture, ANONYMOUS, zapOf } from '../fixture.helper.js';
import { changeType, expire, hashOf, type Person, report, retry, statesOf } from './bugs.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

/** Transactions of this database that wait for their process: it does something else meanwhile. */
const openTransactions = (): Promise<number> =>
  fixture.count(`pg_stat_activity where datname = current_database() and state like 'idle in%'`);

/** What the node is asked for, and how many transactions are open then. */
function watchCalls(): Map<string, number> {
  const seen = new Map<string, number>();
  for (const call of ['createInvoice', 'settleInvoice', 'cancelInvoice'] as const) {
    fixture.node.before.set(call, async () => {
      seen.set(call, await openTransactions());
    });
  }
  return seen;
}

describe('the node and the database', () => {
  it('B1, B16: no transaction is open while the node is called', async () => {
    const seen = watchCalls();
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.drive(view.id);
    const author = await fixture.account('cancelling');
    const cancelled = await fixture.open(author);
    await cancelAction(fixture.engine, { actionId: cancelled.view.id, caller: author });
    expect([...seen]).toEqual([
      ['createInvoice', 0],
      ['settleInvoice', 0],
      ['cancelInvoice', 0],
    ]);
  });

  it('B1: what is held is performed before it is settled, and not settled when that is impossible', async () => {
    let before: unknown;
    fixture.node.before.set('settleInvoice', async () => {
      const { rows } = await fixture.pool.query(
        `select a.state, i.state as item from attempts a join items i using (action_id) where a.state = 'HELD'`,
      );
      before = rows;
    });
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect(before).toEqual([{ state: 'HELD', item: 'PENDING' }]);

    const impossible = await fixture.open(ANONYMOUS);
    changeType(itemCreate, { perform: () => Promise.reject(new Error('not any more')) });
    await fixture.pay(impossible.view);
    await fixture.deliver();
    await fixture.drive(impossible.view.id);
    expect(await fixture.node.lookupInvoice(hashOf(impossible.view))).toMatchObject({
      state: 'canceled',
    });
  });

  it('B2, O10: an action is performed from what is stored, at the cost that was quoted, without its client', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    changeType(itemCreate, { quote: () => Promise.resolve({ costMsat: toMsat(999_000n) }) });
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect(await fixture.view(view.id)).toMatchObject({ state: 'PAID', costMsat: 10_000n });
    expect(await fixture.count(`items where action_id = $1 and state = 'PAID'`, [view.id])).toBe(1);
  });

  it('B4, B5: a settlement that was made and not written is caught up with, in one step', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    const name = invoiceName({ actionId: view.id, attempt: 1 }, 1);
    await fixture.node.settleInvoice(derivePreimage(fixture.engine.secret, name));
    await report(fixture, view, 'settled');
    expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
    // The message of the hold comes after.
    await report(fixture, view, 'held');
    expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
  });

  it('B6: an invoice that is created after its attempt gave up is closed, and never shown', async () => {
    const author = await fixture.account('slow-node');
    fixture.node.before.set('createInvoice', async () => {
      const { rows } = await fixture.pool.query<{ id: string }>(
        'select id from actions where actor = $1',
        [author.id],
      );
      const actionId = rows[0]?.id ?? '';
      await fixture.passDeadline(actionId);
      await fixture.advance({ actionId, attempt: 1 });
    });
    const { view } = await fixture.open(author);
    expect(view.attempts).toMatchObject([
      { state: 'FAILED', reason: 'INVOICE_CREATION_FAILED', invoice: { bolt11: null } },
    ]);
    expect(await fixture.node.lookupInvoice(hashOf(view))).toMatchObject({ state: 'canceled' });
    await retry(fixture, view.id, author);
    expect((await fixture.view(view.id)).state).toBe('PENDING');
  });

  it('B11: a cancellation ends in FAILED with the answer of the node, and waits for no timer', async () => {
    const author = await fixture.account('waiting');
    const { view } = await fixture.open(author);
    fixture.node.failNext('cancelInvoice', 'unavailable');
    await cancelAction(fixture.engine, { actionId: view.id, caller: author });
    expect(await statesOf(fixture, view.id)).toEqual(['CANCELLING USER_CANCELLED']);
    await fixture.makeCalls({ actionId: view.id, attempt: 1 });
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED USER_CANCELLED']);
  });

  it('B12, O12: what the node never reported is found at the deadline, for both kinds of invoice', async () => {
    for (const caller of [ANONYMOUS, await fixture.account('unreported')]) {
      const { view } = await fixture.open(caller);
      await fixture.pay(view);
      await expire(fixture, view.id);
      expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
    }
  });
});

/** Gives somebody as much as can be stored, of each asset; returns what makes the books right again. */
async function fill({ id }: Person): Promise<() => Promise<void>> {
  const most = 9_223_372_036_854_775_807n;
  const set = async (granted: bigint, sats: bigint): Promise<void> => {
    const values = [id, granted];
    const { rowCount } = await fixture.pool.query(
      'update credit_accounts set granted = $2 where address = $1',
      values,
    );
    expect(rowCount).toBe(1);
    await fixture.pool.query(
      `update ledger_accounts set balance_msat = $2 where owner = $1 and asset = 'SATS'`,
      [id, sats],
    );
  };
  const { rows } = await fixture.pool.query<{ granted: bigint }>(
    'select granted from credit_accounts where address = $1',
    [id],
  );
  await set(most, most);
  return () => set(rows[0]?.granted ?? 0n, 0n);
}

describe('money that was taken for what turns out to be impossible', () => {
  it('O1: settled, not written, and not possible any more: it becomes credits of the payer', async () => {
    const author = await fixture.account('vanishing');
    const itemId = await fixture.paidPost(author);
    changeType(zap, { paymentMethods: ['pessimistic'] });
    const payer = await fixture.account('unlucky');
    const { view } = await fixture.open(payer, zapOf(itemId));
    await fixture.pay(view);
    const name = invoiceName({ actionId: view.id, attempt: 1 }, 1);
    await fixture.node.settleInvoice(derivePreimage(fixture.engine.secret, name));
    await fixture.pool.query(`update items set state = 'FAILED', paid_at = null where id = $1`, [
      itemId,
    ]);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect(await fixture.balance(payer)).toBe(100_000n);
    expect(await fixture.balance(author)).toBe(0n);
    await fixture.pool.query(`update items set state = 'PAID' where id = $1`, [itemId]);
  });

  it.each(['optimistic', 'pessimistic'] as const)(
    'a share that is more than its payee can have is given to nobody, and its payer is credited: %s',
    async (method) => {
      const author = await fixture.account(`full-${method}`, 1_000n);
      const itemId = await fixture.paidPost(author);
      changeType(zap, { paymentMethods: [method] });
      const payer = await fixture.account(`paying-${method}`);
      const { view } = await fixture.open(payer, zapOf(itemId));
      const empty = await fill(author);
      await fixture.pay(view);
      if (method === 'pessimistic') {
        await report(fixture, view, 'held');
        await fixture.makeCalls({ actionId: view.id, attempt: 1 }).catch(() => undefined);
      }
      // Once, to learn that it is too much.
      await report(fixture, view, 'settled').catch((error: unknown) => {
        expect(error).toBeInstanceOf(TypeFailed);
      });
      await report(fixture, view, 'settled');
      await empty();
      expect(await statesOf(fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
      expect(await fixture.balance(payer)).toBe(view.costMsat);
      expect(await fixture.count(`zaps where action_id = $1 and state = 'PAID'`, [view.id])).toBe(
        0,
      );
    },
  );

  it('O9: an item that is gone between opening and payment gets no zap', async () => {
    const itemId = await fixture.paidPost(await fixture.account('deleting'));
    const opened = await fixture.open(ANONYMOUS, zapOf(itemId));
    await fixture.pool.query(`update items set state = 'FAILED', paid_at = null where id = $1`, [
      itemId,
    ]);
    await fixture.pay(opened.view);
    await fixture.deliver();
    await fixture.drive(opened.view.id);
    expect(await statesOf(fixture, opened.view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect(await fixture.count('zaps where action_id = $1', [opened.view.id])).toBe(0);
    await fixture.pool.query(`update items set state = 'PAID' where id = $1`, [itemId]);
  });

  it('O9: an optimistic zap of an item that is gone before it is paid fails, and its payer is credited', async () => {
    const author = await fixture.account('deleting-later');
    const itemId = await fixture.paidPost(author);
    const payer = await fixture.account('zapping-nothing');
    const { view } = await fixture.open(payer, zapOf(itemId));
    await fixture.pool.query(`update items set state = 'FAILED', paid_at = null where id = $1`, [
      itemId,
    ]);
    await fixture.pay(view);
    // Once, to learn that the type refuses it.
    await expect(report(fixture, view, 'settled')).rejects.toThrow(TypeFailed);
    await report(fixture, view, 'settled');
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect(await fixture.count(`zaps where action_id = $1 and state = 'FAILED'`, [view.id])).toBe(
      1,
    );
    expect(await fixture.balance(payer)).toBe(view.costMsat);
    expect(await fixture.balance(author)).toBe(0n);
    await fixture.pool.query(`update items set state = 'PAID' where id = $1`, [itemId]);
  });
});

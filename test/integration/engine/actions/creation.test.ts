import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import { invoiceName } from '../../../../engine/invoices/open-invoice.js';
import { derivePreimage } from '../../../../engine/invoices/preimage.js';
import type { Msat } from '../../../../domain/money.js';
import { brokenRules } from '../../../support/books.js';
import { ActionFixture, ANONYMOUS } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterEach(() => fixture.node.heal());
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

describe('making the invoice', () => {
  it('is left to the relay when the node is away', async () => {
    fixture.node.failNext('createInvoice', 'unavailable');
    const { view } = await fixture.open(await fixture.account('away'));
    expect(view.state).toBe('INVOICING');
    expect(view.attempts[0]?.invoice?.bolt11).toBeNull();
    await fixture.drive(view.id);
    expect((await fixture.view(view.id)).attempts[0]?.invoice?.bolt11).toMatch(/^lnbcrt/);
  });

  it('finds the one that was made when the answer was lost', async () => {
    fixture.node.failNext('createInvoice', 'answer_lost');
    const { view } = await fixture.open(ANONYMOUS);
    expect(view.state).toBe('INVOICING');
    await fixture.drive(view.id);
    expect((await fixture.view(view.id)).state).toBe('PENDING_HELD');
    expect(
      await fixture.count('lightning_sim.invoices where hash = $1', [
        view.attempts[0]?.invoice?.hash,
      ]),
    ).toBe(1);
  });

  it.each([
    ['at once', null],
    ['by a relay, after an answer that was lost', 'answer_lost'],
  ] as const)('notes which node has made it: %s', async (_, fault) => {
    if (fault !== null) fixture.node.failNext('createInvoice', fault);
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.drive(view.id);
    const { rows } = await fixture.pool.query('select node from invoices where action_id = $1', [
      view.id,
    ]);
    expect(rows).toEqual([{ node: (await fixture.node.info()).publicKey }]);
  });

  it('is not tried by two processes at once: the request holds the lease', async () => {
    let seen: unknown = 'not asked';
    fixture.node.before.set('createInvoice', async () => {
      const { rows } = await fixture.pool.query<{ action_id: string; leased: boolean }>(
        `select action_id, o.leased_until > clock_timestamp() as leased
         from attempts join invoices i using (action_id, attempt) join outbox o on o.subject = i.hash
         where attempts.state = 'INVOICING' order by opened_at desc limit 1`,
      );
      const step = await fixture.advance({ actionId: rows[0]?.action_id ?? '', attempt: 1 });
      seen = [rows[0]?.leased, step?.call];
    });
    await fixture.open(await fixture.account('leased'));
    expect(seen).toEqual([true, null]);
  });

  it('ends its call with it: no relay makes that again', async () => {
    const { view } = await fixture.open(await fixture.account('recorded'));
    const calls = `outbox where destination = 'node' and kind = 'create_invoice' and subject = $1`;
    const hash = view.attempts[0]?.invoice?.hash;
    expect(await fixture.count(`${calls} and published_at is null`, [hash])).toBe(0);
    expect(await fixture.count(`${calls} and leased_until is null`, [hash])).toBe(1);
  });

  it('ends the attempt when the node refuses', async () => {
    fixture.node.failNext('createInvoice', 'refused');
    const { view } = await fixture.open(await fixture.account('refused'));
    expect(view.attempts).toMatchObject([{ state: 'FAILED', reason: 'INVOICE_CREATION_FAILED' }]);
    expect(await fixture.count(`items where action_id = $1 and state = 'FAILED'`, [view.id])).toBe(
      1,
    );
  });

  it('ends the attempt when the node has an invoice of another kind with its hash', async () => {
    fixture.node.before.set('createInvoice', async () => {
      const { rows } = await fixture.pool.query<{ id: string; amount: Msat }>(
        `select action_id as id, amount_msat as amount from invoices where state = 'wanted'
         order by created_at desc limit 1`,
      );
      const [wanted] = rows;
      if (wanted === undefined) throw new Error('no invoice is wanted');
      const name = invoiceName({ actionId: wanted.id, attempt: 1 }, 1);
      await fixture.node.createInvoice({
        ...{ kind: 'ordinary', preimage: derivePreimage(fixture.engine.secret, name) },
        ...{ amountMsat: wanted.amount, expirySeconds: 600, memo: 'not a hold invoice' },
      });
    });
    // It would settle by itself, and the action might be impossible by then.
    const { view } = await fixture.open(ANONYMOUS);
    expect(view.attempts).toMatchObject([{ state: 'FAILED', reason: 'INVOICE_CREATION_FAILED' }]);
    expect(view.attempts[0]?.invoice?.bolt11).toBeNull();
  });

  it('ends the attempt when there is still none at the deadline', async () => {
    fixture.node.failNext('createInvoice', 'unavailable');
    const { view } = await fixture.open(await fixture.account('too-late'));
    await fixture.passDeadline(view.id);
    const step = await fixture.advance({ actionId: view.id, attempt: 1 });
    expect(step).toMatchObject({ state: 'FAILED', finished: true });
    // A call that was under way may have created it: it is closed, and never shown.
    await fixture.drive(view.id);
    expect((await fixture.view(view.id)).attempts[0]?.invoice?.bolt11).toBeNull();
  });

  it('an invoice that turns up after its attempt was cancelled is cancelled and not shown', async () => {
    const author = await fixture.account('impatient');
    fixture.node.before.set('createInvoice', async () => {
      const { rows } = await fixture.pool.query<{ id: string }>(
        'select id from actions where actor = $1',
        [author.id],
      );
      await cancelAction(fixture.engine, { actionId: rows[0]?.id ?? '', caller: author });
    });
    const { view } = await fixture.open(author);
    expect(view.attempts).toMatchObject([
      { state: 'FAILED', reason: 'USER_CANCELLED', invoice: { bolt11: null } },
    ]);
    expect(await fixture.node.lookupInvoice(view.attempts[0]?.invoice?.hash ?? '')).toMatchObject({
      state: 'canceled',
    });
  });

  it('a payment that is reported before the invoice was recorded still counts', async () => {
    fixture.node.failNext('createInvoice', 'answer_lost');
    const { view } = await fixture.open(await fixture.account('early-payer'));
    const hash = view.attempts[0]?.invoice?.hash ?? '';
    const made = await fixture.node.lookupInvoice(hash);
    await fixture.wallets.pay({ wallet: 'payer', bolt11: made?.bolt11 ?? '' });
    await fixture.deliver();
    expect((await fixture.view(view.id)).state).toBe('PAID');
  });
});

describe('cancelling', () => {
  it('is answered when the node has cancelled', async () => {
    const author = await fixture.account('canceller');
    const { view } = await fixture.open(author);
    const cancelled = await cancelAction(fixture.engine, { actionId: view.id, caller: author });
    expect(cancelled).toMatchObject({ done: true, view: { state: 'FAILED' } });
    await expect(fixture.pay(view)).rejects.toThrow();
  });

  it('goes on by itself when the node is away', async () => {
    const author = await fixture.account('early');
    const { view } = await fixture.open(author);
    fixture.node.failNext('cancelInvoice', 'unavailable');
    const cancelled = await cancelAction(fixture.engine, { actionId: view.id, caller: author });
    expect(cancelled).toMatchObject({ done: false, view: { state: 'CANCELLING' } });
    await fixture.drive(view.id);
    expect((await fixture.view(view.id)).attempts).toMatchObject([
      { state: 'FAILED', reason: 'USER_CANCELLED' },
    ]);
  });

  it('loses against a payment that the node took first', async () => {
    const author = await fixture.account('torn');
    const { view } = await fixture.open(author);
    fixture.node.before.set('cancelInvoice', () => fixture.pay(view));
    const cancelled = await cancelAction(fixture.engine, { actionId: view.id, caller: author });
    expect(cancelled.view.state).toBe('PAID');
    await fixture.deliver();
    expect(
      await fixture.count('legs where action_id = $1 and actual_msat is not null', [view.id]),
    ).toBe(2);
  });

  it('is refused to others, and when the action has ended', async () => {
    const author = await fixture.account('owner');
    const other = await fixture.account('stranger');
    const { view } = await fixture.open(author);
    const refused = (caller: typeof other): Promise<unknown> =>
      cancelAction(fixture.engine, { actionId: view.id, caller });
    await expect(refused(other)).rejects.toMatchObject({ code: 'action.not_found' });
    await fixture.pay(view);
    await fixture.deliver();
    await expect(refused(author)).rejects.toMatchObject({ code: 'action.not_cancellable' });
  });
});

describe('a row that the sweep has found', () => {
  const sweptTimes = async (id: string): Promise<number> => {
    const { rows } = await fixture.pool.query<{ sweeps: number }>(
      'select sweeps from attempts where action_id = $1',
      [id],
    );
    return rows[0]?.sweeps ?? NaN;
  };

  it('counts anew when a workflow makes its call, which may take for ever: its run is not replaced', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.pool.query('update attempts set sweeps = 2 where action_id = $1', [view.id]);
    const ref = { actionId: view.id, attempt: 1 };
    // The call is the relay's for now: nobody attends to the row.
    expect(await fixture.advance(ref)).toMatchObject({ state: 'HELD', call: null });
    expect(await sweptTimes(view.id)).toBe(2);
    await fixture.passDeadline(view.id);
    expect(await fixture.advance(ref)).toMatchObject({ state: 'HELD', call: 'settle_invoice' });
    expect(await sweptTimes(view.id)).toBe(0);
  });
});

describe('settling', () => {
  it.each(['unavailable', 'answer_lost'] as const)('goes on when the node is %s', async (fault) => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    await fixture.deliver();
    fixture.node.failNext('settleInvoice', fault);
    await expect(fixture.drive(view.id)).rejects.toThrow('by a test');
    await fixture.drive(view.id);
    await fixture.deliver();
    expect((await fixture.view(view.id)).state).toBe('PAID');
  });

  it('that took too long but did happen pays the action', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    await fixture.deliver();
    fixture.node.failNext('settleInvoice', 'answer_lost');
    await expect(fixture.drive(view.id)).rejects.toThrow('by a test');
    await fixture.passDeadline(view.id);
    await fixture.drive(view.id);
    expect((await fixture.view(view.id)).attempts).toMatchObject([{ state: 'PAID', reason: null }]);
  });
});

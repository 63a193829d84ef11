import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { wrapAttempt } from '../../../../engine/actions/wrapped/wrap-attempt.js';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { brokenRules } from '../../../support/books.js';
import { Holders } from './holders.helper.js';
import { passTime } from './passing-time.helper.js';
import { Withdrawing } from './withdrawing.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;
let holders: Holders;
let withdrawing: Withdrawing;

beforeAll(async () => {
  at = await Wrapping.create();
  holders = new Holders(at);
  withdrawing = await Withdrawing.on(at.fixture, 'holder');
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

describe('a relay paused between the row of its send and the socket, continued after FAILED', () => {
  it('of a withdrawal: FAILED counts once the node has refused the invoice as expired for a minute, and the late send starts nothing', async () => {
    const account = await withdrawing.rich();
    const { hash, bolt11 } = await withdrawing.invoice(100_000n, 'fail');
    const { view } = await withdrawing.open(account, bolt11);
    const late = await holders.stopped('sendPayment', () => holders.call('send_payment', hash));
    await holders.call('send_payment', hash);
    expect(await withdrawing.sends(hash)).toEqual([null, 'failed']);
    await passTime(at.fixture, hash, 4_000);
    await holders.call('send_payment', hash);
    expect(await withdrawing.sends(hash)).toEqual([null, 'failed', 'invoice_expired']);
    await passTime(at.fixture, hash, 59);
    await holders.call('send_payment', hash);
    expect(await holders.stateOf(view)).toBe('WITHDRAWING');
    expect(await withdrawing.sats(account)).toBe(890_000n);
    await passTime(at.fixture, hash, 2);
    await holders.call('send_payment', hash);
    expect(await holders.stateOf(view)).toBe('FAILED');
    expect(await withdrawing.sats(account)).toBe(1_000_000n);
    await at.fixture.wallets.decide('payee', hash, 'succeed');
    const before = await withdrawing.received();
    await late.goOn();
    expect(await withdrawing.sends(hash)).toEqual(['invoice_expired', 'failed', 'invoice_expired']);
    expect((await withdrawing.received()) - before).toBe(0n);
    expect([await holders.stateOf(view), await holders.losses(view)]).toEqual(['FAILED', 0]);
    at.fixture.node.sendsAheadMs = 0;
  });

  it('of a wrapped payment: nothing is cancelled meanwhile, and afterwards the payer has the money', async () => {
    const view = await holders.held('paused-then-failed', 'fail');
    const hash = at.hashOf(view);
    const late = await holders.stopped('sendPayment', () => holders.call('settle_invoice', hash));
    await holders.call('send_payment', hash);
    await passTime(at.fixture, hash, 1_000);
    await holders.call('send_payment', hash);
    expect([await holders.stateOf(view), await holders.isGivenBack(view)]).toEqual([
      'FORWARDING',
      false,
    ]);
    await passTime(at.fixture, hash, 61);
    await holders.call('send_payment', hash);
    await holders.call('cancel_invoice', hash);
    expect([await holders.stateOf(view), await holders.isGivenBack(view)]).toEqual([
      'FAILED',
      true,
    ]);
    await at.fixture.wallets.decide('paused-then-failed', hash, 'succeed');
    await late.goOn();
    expect(await at.received('paused-then-failed')).toBe(0n);
    expect([await holders.stateOf(view), await holders.losses(view)]).toEqual(['FAILED', 0]);
    at.fixture.node.sendsAheadMs = 0;
  });

  it('within the invoice’s time: the late send starts the payment again, and its success is booked', async () => {
    const view = await holders.held('paused-then-paid', 'fail');
    const hash = at.hashOf(view);
    const late = await holders.stopped('sendPayment', () => holders.call('settle_invoice', hash));
    await holders.call('send_payment', hash);
    expect(await withdrawing.sends(hash)).toEqual([null, 'failed']);
    await at.fixture.wallets.decide('paused-then-paid', hash, 'succeed');
    await late.goOn();
    await holders.call('send_payment', hash);
    await holders.call('settle_invoice', hash);
    expect(await holders.stateOf(view)).toBe('PAID');
    expect(await at.received('paused-then-paid')).toBe(700_000n);
    expect(await holders.losses(view)).toBe(0);
  });
});

describe('NOT_FOUND', () => {
  it('after a request that was lost: sent again, and the lost one arrives late: paid once', async () => {
    const account = await withdrawing.rich();
    const { hash, bolt11 } = await withdrawing.invoice();
    const { view } = await withdrawing.open(account, bolt11);
    const before = await withdrawing.received();
    const lost = await holders.stopped('sendPayment', () => holders.call('send_payment', hash));
    at.fixture.node.before.clear();
    await holders.call('send_payment', hash);
    expect(await holders.stateOf(view)).toBe('PAID');
    await lost.goOn();
    expect(await withdrawing.sends(hash)).toEqual(['already_exists', 'succeeded']);
    expect((await withdrawing.received()) - before).toBe(100_000n);
    expect(await withdrawing.sats(account)).toBe(899_000n);
  });

  it('after an answer that was lost, of two holders at once: one of them sends again, and it is paid once', async () => {
    const account = await withdrawing.rich();
    const { hash, bolt11 } = await withdrawing.invoice();
    const { view } = await withdrawing.open(account, bolt11);
    const before = await withdrawing.received();
    at.fixture.node.failNext('sendPayment', 'unavailable');
    await holders.call('send_payment', hash);
    await Promise.all([1, 2, 3].map(() => holders.call('send_payment', hash)));
    await holders.call('send_payment', hash);
    expect(await holders.stateOf(view)).toBe('PAID');
    expect((await withdrawing.received()) - before).toBe(100_000n);
  });
});

describe('two sends, one answered', () => {
  it('a failure counts for neither while the other is open', async () => {
    const account = await withdrawing.rich();
    const { hash, bolt11 } = await withdrawing.invoice(100_000n, 'fail');
    const { view } = await withdrawing.open(account, bolt11);
    const late = await holders.stopped('sendPayment', () => holders.call('send_payment', hash));
    for (let n = 0; n < 3; n += 1) await holders.call('send_payment', hash);
    expect(await withdrawing.sends(hash)).toEqual([null, 'failed']);
    expect(await holders.stateOf(view)).toBe('WITHDRAWING');
    // Not by agreement only.
    await expect(
      at.fixture.pool.query(`update payments set state = 'failed', failure = 'x' where hash = $1`, [
        hash,
      ]),
    ).rejects.toThrow('may still be sent');
    await late.goOn();
    await holders.call('send_payment', hash);
    expect(await withdrawing.sends(hash)).toEqual(['failed', 'failed']);
    expect([await holders.stateOf(view), await withdrawing.sats(account)]).toEqual([
      'FAILED',
      1_000_000n,
    ]);
  });
});

describe('a lease that is lost in mid-call', () => {
  it('of mint: one invoice is recorded, and the other is never shown', async () => {
    const { itemId } = await at.payee('minted-twice');
    let view: ActionView | undefined;
    at.beforeMint = async () => {
      const { rows } = await at.fixture.pool.query<{ id: string }>(
        `select action_id as id from attempts where state = 'WRAPPING'`,
      );
      await wrapAttempt(at.fixture.engine, { actionId: rows[0]?.id ?? '', attempt: 1 }, 'other');
      view = await at.fixture.view(rows[0]?.id ?? '');
    };
    const opened = await at.zap(itemId);
    expect(at.hashOf(opened)).toBe(at.hashOf(view ?? opened));
    expect(view?.state).toBe('PENDING_HELD');
    expect(await at.fixture.count('payments where action_id = $1', [opened.id])).toBe(1);
    expect((await at.payAndDrive(opened)).state).toBe('PAID');
    expect(await at.received('minted-twice')).toBe(700_000n);
  });

  it('of wrap: what another has shown is not cancelled', async () => {
    const { itemId } = await at.payee('wrapped-twice');
    let other: Promise<unknown> = Promise.resolve();
    at.fixture.node.before.set('createInvoice', async () => {
      const { rows } = await at.fixture.pool.query<{ id: string }>(
        `select action_id as id from attempts where state = 'WRAPPING'`,
      );
      other = wrapAttempt(at.fixture.engine, { actionId: rows[0]?.id ?? '', attempt: 1 }, 'other');
      await other;
    });
    const view = await at.zap(itemId);
    await other;
    expect(view.state).toBe('PENDING_HELD');
    expect((await at.fixture.node.lookupInvoice(at.hashOf(view)))?.state).toBe('open');
    expect((await at.payAndDrive(view)).state).toBe('PAID');
    expect(await at.received('wrapped-twice')).toBe(700_000n);
  });

  it('of wrap, while its author cancels: it is created and closed, and nobody has seen it', async () => {
    const { itemId } = await at.payee('cancelled-in-wrap');
    at.fixture.node.before.set('createInvoice', async () => {
      const { rows } = await at.fixture.pool.query<{ id: string }>(
        `select action_id as id from attempts where state = 'WRAPPING'`,
      );
      const { id = '' } = rows[0] ?? {};
      await cancelAction(at.fixture.engine, {
        ...{ actionId: id, caller: holders.holder(await at.fixture.view(id)) },
      });
    });
    const view = await at.zap(itemId);
    expect(view.attempts).toMatchObject([{ state: 'FAILED', reason: 'USER_CANCELLED' }]);
    const hashes = await at.fixture.pool.query<{ hash: string }>(
      'select hash from payments where action_id = $1',
      [view.id],
    );
    expect((await at.fixture.node.lookupInvoice(hashes.rows[0]?.hash ?? ''))?.state).toBe(
      'canceled',
    );
    expect(await at.received('cancelled-in-wrap')).toBe(0n);
  });

  it('of settle: settled once, booked once', async () => {
    const view = await holders.held('settled-twice', 'succeed');
    const hash = at.hashOf(view);
    const first = await holders.stopped('settleInvoice', async () => {
      await holders.call('settle_invoice', hash);
      return makeCall(at.fixture.engine, 'settle_invoice', hash);
    });
    await holders.call('settle_invoice', hash);
    expect(await holders.stateOf(view)).toBe('PAID');
    await first.goOn();
    await at.fixture.deliver();
    expect([await holders.stateOf(view), await holders.losses(view)]).toEqual(['PAID', 0]);
    expect(await at.received('settled-twice')).toBe(700_000n);
    expect(await at.fixture.count(`entries where key = $1`, [`action/${view.id}/1/paid`])).toBe(1);
  });

  it('of cancel: canceled once, given back once', async () => {
    const view = await holders.held('cancelled-twice', 'fail');
    const hash = at.hashOf(view);
    await holders.call('settle_invoice', hash);
    expect(await holders.stateOf(view)).toBe('CANCELLING');
    const first = await holders.stopped('cancelInvoice', () =>
      holders.call('cancel_invoice', hash),
    );
    await holders.call('cancel_invoice', hash);
    expect([await holders.stateOf(view), await holders.isGivenBack(view)]).toEqual([
      'FAILED',
      true,
    ]);
    await first.goOn();
    await at.fixture.deliver();
    expect(await holders.stateOf(view)).toBe('FAILED');
    expect(await at.received('cancelled-twice')).toBe(0n);
  });

  it('of send: the one who lost it records its answer, and nobody else sends', async () => {
    const view = await holders.held('sent-once', 'succeed');
    const hash = at.hashOf(view);
    const first = await holders.stopped('sendPayment', () => holders.call('settle_invoice', hash));
    // It asks, and is told NOT_FOUND; before it sends, the first goes on.
    at.fixture.node.before.set('sendPayment', async () => {
      await first.goOn();
    });
    await holders.call('send_payment', hash);
    await holders.call('settle_invoice', hash);
    expect(await holders.stateOf(view)).toBe('PAID');
    expect(await withdrawing.sends(hash)).toEqual(['succeeded', 'already_exists']);
    expect(await at.received('sent-once')).toBe(700_000n);
  });
});

describe('an author who cancels what is being cancelled', () => {
  it('after its payee was paid all the same: the held money is taken, not given back', async () => {
    const view = await holders.held('paid-in-cancelling', 'fail');
    const hash = at.hashOf(view);
    await holders.call('settle_invoice', hash);
    expect(await holders.stateOf(view)).toBe('CANCELLING');
    // As if a request that nobody knew of had started it again.
    await at.fixture.pool.query(
      `update payments set state = 'succeeded', fee_msat = 1000, failure = null,
         preimage = (select preimage from lightning_sim.invoices where hash = $1 and payee <> 'node') where hash = $1`,
      [hash],
    );
    await cancelAction(at.fixture.engine, { actionId: view.id, caller: holders.holder(view) });
    expect([await holders.stateOf(view), await holders.losses(view)]).toEqual(['PAID', 0]);
    expect((await at.fixture.node.lookupInvoice(hash))?.state).toBe('settled');
  });
});

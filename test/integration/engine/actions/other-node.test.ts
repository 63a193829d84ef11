import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { brokenRules } from '../../../support/books.js';
import { ANONYMOUS } from './fixture.helper.js';
import { Holders } from './holders.helper.js';
import { OtherNode } from './other-node.helper.js';
import { passTime } from './passing-time.helper.js';
import { Withdrawing } from './withdrawing.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;
let holders: Holders;
let withdrawing: Withdrawing;
let other: OtherNode;

beforeAll(async () => {
  at = await Wrapping.create();
  holders = new Holders(at);
  withdrawing = await Withdrawing.on(at.fixture, 'other');
  other = await OtherNode.create();
});
afterEach(() => {
  other.bringBack();
  at.fixture.node.sendsAheadMs = 0;
});
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
  await other.close();
});

const isForgotten = async (hash: string): Promise<boolean> =>
  (await at.fixture.count(`payments where hash = $1 and forgotten_at is not null`, [hash])) === 1;

const shownOf = async (view: ActionView): Promise<string | null | undefined> =>
  (await at.fixture.view(view.id)).attempts.at(-1)?.invoice?.bolt11;

describe('another node after an answer that was lost', () => {
  it('of a send: nothing is sent by it, nothing is given back, and operators are told', async () => {
    const account = await withdrawing.rich();
    const { hash, bolt11 } = await withdrawing.invoice();
    const { view } = await withdrawing.open(account, bolt11);
    const before = await withdrawing.received();
    at.fixture.node.failNext('sendPayment', 'answer_lost');
    await holders.call('send_payment', hash);
    other.replace(at.fixture.node);
    for (const seconds of [0, 4_000, 61, 61]) {
      await passTime(at.fixture, hash, seconds);
      expect(await holders.call('send_payment', hash)).toMatchObject({ kind: 'unknown' });
    }
    expect(await other.node.lookupPayment(hash)).toBeUndefined();
    expect(await withdrawing.sends(hash)).toEqual([null]);
    expect([await holders.stateOf(view), await isForgotten(hash)]).toEqual(['WITHDRAWING', true]);
    expect(await withdrawing.sats(account)).toBe(890_000n);
    other.bringBack();
    await holders.call('send_payment', hash);
    expect(await holders.stateOf(view)).toBe('PAID');
    expect((await withdrawing.received()) - before).toBe(100_000n);
  });

  it('of a send that hangs: the alarm ends when the right node is back', async () => {
    const account = await withdrawing.rich();
    const { hash, bolt11 } = await withdrawing.invoice(100_000n, 'hang');
    const { view } = await withdrawing.open(account, bolt11);
    await holders.call('send_payment', hash);
    other.replace(at.fixture.node);
    await holders.call('send_payment', hash);
    expect(await isForgotten(hash)).toBe(true);
    other.bringBack();
    await holders.call('send_payment', hash);
    expect([await holders.stateOf(view), await isForgotten(hash)]).toEqual(['WITHDRAWING', false]);
    await at.fixture.wallets.decide('payee', hash, 'fail');
    await holders.call('send_payment', hash);
    expect([await holders.stateOf(view), await withdrawing.sats(account)]).toEqual([
      'FAILED',
      1_000_000n,
    ]);
  });

  it('before the first send: it is not made, and the right node makes it', async () => {
    const account = await withdrawing.rich();
    const { hash, bolt11 } = await withdrawing.invoice();
    const { view } = await withdrawing.open(account, bolt11);
    other.replace(at.fixture.node);
    await holders.call('send_payment', hash);
    expect(await withdrawing.sends(hash)).toEqual(['unavailable']);
    expect([await other.node.lookupPayment(hash), await isForgotten(hash)]).toEqual([
      undefined,
      true,
    ]);
    other.bringBack();
    await holders.call('send_payment', hash);
    expect(await withdrawing.sends(hash)).toEqual(['unavailable', 'succeeded']);
    expect(await holders.stateOf(view)).toBe('PAID');
  });

  it('of a wrapped payment: neither sent again, nor cancelled, nor settled', async () => {
    const view = await holders.held('of-the-first-node', 'succeed');
    const hash = at.hashOf(view);
    at.fixture.node.failNext('sendPayment', 'answer_lost');
    await holders.call('settle_invoice', hash);
    other.replace(at.fixture.node);
    for (const seconds of [0, 4_000, 61]) {
      await passTime(at.fixture, hash, seconds);
      await holders.call('send_payment', hash);
      await holders.call('settle_invoice', hash);
    }
    expect([await holders.stateOf(view), await isForgotten(hash)]).toEqual(['FORWARDING', true]);
    other.bringBack();
    await holders.call('send_payment', hash);
    await holders.call('settle_invoice', hash);
    expect(await holders.stateOf(view)).toBe('PAID');
    expect(await at.received('of-the-first-node')).toBe(700_000n);
    expect(await holders.losses(view)).toBe(0);
  });

  it('of a wrapped payment that is held: the payee is not paid by it', async () => {
    const view = await holders.held('held-at-the-first', 'succeed');
    const hash = at.hashOf(view);
    other.replace(at.fixture.node);
    expect(await holders.call('settle_invoice', hash)).toMatchObject({ kind: 'unknown' });
    expect(await holders.stateOf(view)).toBe('HELD');
    other.bringBack();
    await holders.call('settle_invoice', hash);
    expect(await holders.stateOf(view)).toBe('PAID');
  });

  it('of a creation: one invoice is shown, that of the node which answered, and the other fails nothing', async () => {
    at.fixture.node.failNext('createInvoice', 'answer_lost');
    const { view } = await at.fixture.open(ANONYMOUS, { payment: 'invoice' });
    expect(view.state).toBe('INVOICING');
    const hash = at.hashOf(view);
    const first = await at.fixture.node.lookupInvoice(hash);
    other.replace(at.fixture.node);
    await holders.call('create_invoice', hash);
    const shown = await shownOf(view);
    expect(shown).toBe((await other.node.lookupInvoice(hash))?.bolt11);
    expect(shown).not.toBe(first?.bolt11);
    // The first one comes back, and what it says of an invoice that nobody has seen counts for nothing.
    other.bringBack();
    await at.fixture.node.cancelInvoice(hash);
    for (const kind of ['look_up_invoice', 'settle_invoice', 'cancel_invoice'] as const) {
      expect(await holders.call(kind, hash)).toMatchObject({ kind: 'unknown' });
    }
    expect([await holders.stateOf(view), await shownOf(view)]).toEqual(['PENDING_HELD', shown]);
  });

  it.each(['createInvoice', 'mint'] as const)(
    'of a wrap, in %s: one invoice is shown and paid, once',
    async (where) => {
      const wallet = `wrapped-in-${where.toLowerCase()}`;
      const { itemId } = await at.payee(wallet);
      if (where === 'mint') {
        at.beforeMint = () => {
          other.replace(at.fixture.node);
          return Promise.resolve();
        };
      } else at.fixture.node.failNext('createInvoice', 'answer_lost');
      const view = await at.zap(itemId);
      other.replace(at.fixture.node);
      await holders.call('wrap_invoice', `action/${view.id}/1`);
      other.bringBack();
      await at.fixture.deliver();
      for (let n = 0; n < 3; n += 1) await holders.call('wrap_invoice', `action/${view.id}/1`);
      const now = await at.fixture.view(view.id);
      expect(now.attempts).toHaveLength(1);
      expect(['WRAPPING', 'PENDING_HELD']).toContain(now.state);
      expect(await at.fixture.count('payments where action_id = $1', [view.id])).toBeLessThan(2);
    },
  );
});

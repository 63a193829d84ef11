import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewAction } from '../../../../engine/actions/read-action.js';
import { ENGINE_SETTINGS } from '../../../support/engine-settings.js';
import { ActionFixture, ANONYMOUS, POST, zapOf } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(() => fixture.close());

const stateAndReason = async (id: string): Promise<unknown[]> => {
  const newest = (await fixture.view(id)).attempts.at(-1);
  return [newest?.state, newest?.reason];
};

describe('by credits', () => {
  it('performs, pays and shows it in the transaction that opens it', async () => {
    const author = await fixture.account('credits-author', 5_000n);
    const { view } = await fixture.open(author);
    expect(view).toMatchObject({ state: 'PAID', actor: 'credits-author', costMsat: 1000n });
    expect(view.attempts).toMatchObject([{ attempt: 1, flow: 'credits', invoice: null }]);
    expect(await fixture.balance(author)).toBe(4_000n);
    const item = view.result['itemId'];
    expect(await fixture.count(`items where id = $1 and state = 'PAID'`, [item])).toBe(1);
    expect((await fixture.drive(view.id)).finished).toBe(true);
  });

  it('a zap gives the author 70 % and the pool the rest', async () => {
    const author = await fixture.account('zapped');
    const zapper = await fixture.account('zapper', 1_000_000n);
    const itemId = await fixture.paidPost(author);
    const { view } = await fixture.open(zapper, zapOf(itemId, 101));
    expect(view.state).toBe('PAID');
    expect(await fixture.balance(zapper)).toBe(1_000_000n - 101_000n);
    expect(await fixture.balance(author)).toBe(70_700n);
    expect(
      await fixture.count('item_counters where id = $1 and zaps = 1 and zapped_msat = 101000', [
        itemId,
      ]),
    ).toBe(1);
  });

  it('falls back to an invoice, unless the caller insists', async () => {
    const poor = await fixture.account('poor', 999n);
    await expect(fixture.open(poor, { payment: 'credits' })).rejects.toMatchObject({
      code: 'action.insufficient_credits',
    });
    const { view } = await fixture.open(poor);
    expect(view.attempts).toMatchObject([{ flow: 'optimistic', state: 'PENDING' }]);
    // Less than a sat cannot be spent beside an invoice of whole sats.
    expect(await fixture.balance(poor)).toBe(999n);
  });
});

describe('optimistic', () => {
  it('is visible to its author at once, and to everybody when it is paid', async () => {
    const author = await fixture.account('optimist');
    const { view } = await fixture.open(author);
    expect(view.attempts).toMatchObject([
      { flow: 'optimistic', state: 'PENDING', invoice: { kind: 'ordinary', state: 'open' } },
    ]);
    const item = view.result['itemId'];
    expect(await fixture.count(`items where id = $1 and state = 'PENDING'`, [item])).toBe(1);

    await fixture.pay(view);
    await fixture.deliver();
    expect(await stateAndReason(view.id)).toEqual(['PAID', null]);
    expect(await fixture.count(`items where id = $1 and state = 'PAID'`, [item])).toBe(1);
    expect(
      await fixture.count(`outbox where kind = 'wake' and subject = $1`, [`action/${view.id}/1`]),
    ).toBe(1);
    expect(
      await fixture.count(
        `outbox where subject = 'actions.item_create.paid' and payload->>'actionId' = $1`,
        [view.id],
      ),
    ).toBe(1);
  });

  it('fails at expiry, stays visible to its author only, and is paid by a retry with a new invoice', async () => {
    const author = await fixture.account('retrier');
    const other = await fixture.account('onlooker');
    const { view } = await fixture.open(author);
    await fixture.passDeadline(view.id);
    await fixture.drive(view.id);
    expect(await stateAndReason(view.id)).toEqual(['FAILED', 'INVOICE_EXPIRED']);
    expect(await viewAction(fixture.pool, view.id, other)).toBeUndefined();
    expect(await viewAction(fixture.pool, view.id, ANONYMOUS)).toBeUndefined();
    expect((await viewAction(fixture.pool, view.id, author))?.retryable).toBe(true);

    const { retryAction } = await import('../../../../engine/actions/retry.js');
    const retried = await retryAction(fixture.engine, {
      actionId: view.id,
      attempt: 1,
      payment: 'auto',
      caller: author,
    });
    expect(retried.view.attempts).toMatchObject([
      { state: 'FAILED' },
      { attempt: 2, state: 'PENDING' },
    ]);
    expect(retried.view.attempts[1]?.invoice?.hash).not.toBe(view.attempts[0]?.invoice?.hash);
    await fixture.pay(retried.view);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect((await fixture.view(view.id)).attempts.map(({ state }) => state)).toEqual([
      'FAILED',
      'PAID',
    ]);
    expect(await fixture.count(`items where action_id = $1 and state = 'PAID'`, [view.id])).toBe(1);
  });

  it('what is paid over the price becomes the payer’s credits', async () => {
    const author = await fixture.account('generous');
    const { view } = await fixture.open(author);
    await fixture.pay(view, 1_700n);
    await fixture.deliver();
    expect((await fixture.view(view.id)).state).toBe('PAID');
    expect(await fixture.balance(author)).toBe(700n);
  });
});

describe('pessimistic', () => {
  it('performs when the money is held, shows when it is settled', async () => {
    const opened = await fixture.open(ANONYMOUS);
    expect(opened.capability).toBeDefined();
    const { id, attempts } = opened.view;
    expect(attempts).toMatchObject([
      { flow: 'pessimistic', state: 'PENDING_HELD', invoice: { kind: 'hold' } },
    ]);
    expect(await fixture.count('items where action_id = $1', [id])).toBe(0);

    await fixture.pay(opened.view);
    await fixture.deliver();
    expect((await fixture.view(id)).state).toBe('HELD');
    expect(await fixture.count(`items where action_id = $1 and state = 'PENDING'`, [id])).toBe(1);

    await fixture.drive(id);
    expect((await fixture.view(id)).state).toBe('PAID');
    expect(await fixture.count(`items where action_id = $1 and state = 'PAID'`, [id])).toBe(1);
    const hash = attempts[0]?.invoice?.hash ?? '';
    expect(await fixture.wallets.findPayment('payer', hash)).toMatchObject({ state: 'succeeded' });
  });

  it('gives the money back when the action is no longer possible', async () => {
    const itemId = await fixture.paidPost(await fixture.account('vanishing'));
    const { view } = await fixture.open(ANONYMOUS, zapOf(itemId));
    await fixture.pool.query(`update items set state = 'FAILED', paid_at = null where id = $1`, [
      itemId,
    ]);
    await fixture.pay(view);
    await fixture.deliver();
    expect(await stateAndReason(view.id)).toEqual(['CANCELLING', 'EXECUTION_FAILED']);
    await fixture.drive(view.id);
    expect(await stateAndReason(view.id)).toEqual(['FAILED', 'EXECUTION_FAILED']);
    const hash = view.attempts[0]?.invoice?.hash ?? '';
    expect(await fixture.wallets.findPayment('payer', hash)).toMatchObject({ state: 'failed' });
    expect(
      await fixture.count('legs where action_id = $1 and actual_msat is not null', [view.id]),
    ).toBe(0);
  });

  it('a hold that nobody reported is found at the deadline, and paid', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    await fixture.passDeadline(view.id);
    await fixture.drive(view.id);
    expect(await stateAndReason(view.id)).toEqual(['PAID', null]);
  });

  it('a hold is settled however late that is', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.passDeadline(view.id);
    await fixture.drive(view.id);
    expect(await stateAndReason(view.id)).toEqual(['PAID', null]);
  });

  it('a settlement whose hold was never reported passes through the missing state', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    const { state, hash } = view.attempts[0]?.invoice ?? { state: '', hash: '' };
    expect(state).toBe('open');
    await fixture.report({ hash, state: 'settled', receivedMsat: view.costMsat });
    expect((await fixture.view(view.id)).state).toBe('PAID');
    const { rows } = await fixture.pool.query<{ event: string }>(
      'select event from transitions where subject = $1 order by id',
      [`${view.id}/1`],
    );
    expect(rows.map(({ event }) => event)).toEqual([
      'opened',
      'hold_invoice_created',
      'held',
      'settled',
    ]);
  });
});

describe('refusals change nothing', () => {
  it.each([
    ['unknown type', { type: 'DANCE' }, 'action.unknown_type'],
    ['short title', { args: { title: 'abc' } }, 'action.invalid_args'],
    ['surplus argument', { args: { title: 'A fine title', extra: 1 } }, 'action.invalid_args'],
    ['NUL in the text', { args: { title: 'A fine title', text: 'a\0b' } }, 'action.invalid_args'],
    [
      'half a surrogate pair',
      { args: { title: 'A fine title', text: '\ud800' } },
      'action.invalid_args',
    ],
    ['no such item', zapOf('99999999'), 'item.not_found'],
    ['item id of another kind', zapOf('-1'), 'action.invalid_args'],
    ['zap of nothing', zapOf('1', 0), 'action.invalid_args'],
    ['zap too large', zapOf('1', 1_000_001), 'action.invalid_args'],
  ])('%s', async (name, request, code) => {
    const caller = await fixture.account(`refused-${name.replaceAll(/\W/g, '-').toLowerCase()}`);
    const before = await fixture.count('actions');
    await expect(fixture.open(caller, request)).rejects.toMatchObject({ code });
    expect(await fixture.count('actions')).toBe(before);
  });

  it('zapping one’s own item, or one that is not paid', async () => {
    const author = await fixture.account('self-zapper');
    const other = await fixture.account('too-early');
    const own = await fixture.paidPost(author);
    await expect(fixture.open(author, zapOf(own))).rejects.toMatchObject({ code: 'item.own' });
    const { view } = await fixture.open(author, POST);
    const pending = view.result['itemId'] ?? '';
    // The answer must not reveal it to those who may not see it.
    await expect(fixture.open(other, zapOf(pending))).rejects.toMatchObject({
      code: 'item.not_found',
    });
  });

  it('more unpaid actions than allowed', async () => {
    const strict = await ActionFixture.create({
      limits: { ...ENGINE_SETTINGS.limits, unpaidActions: 2 },
    });
    try {
      const hoarder = await strict.account('hoarder');
      await strict.open(hoarder);
      await strict.open(hoarder);
      await expect(strict.open(hoarder)).rejects.toMatchObject({ code: 'action.too_many_unpaid' });
      expect(await strict.count('actions')).toBe(2);
    } finally {
      await strict.close();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import { retryAction } from '../../../../../engine/actions/retry.js';
import { itemCreate } from '../../../../../engine/actions/types/item-create.js';
import type { Caller } from '../../../../../engine/accounts/caller.js';
import { Refusal } from '../../../../../domain/refusal.js';
import { brokenRules } from '../../../../support/books.js';
import { ActionFixture, ANONYMOUS, zapOf } from '../fixture.helper.js';
import { changeType, expire, hashOf, holderOf, retry, statesOf } from './bugs.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const operator: Caller = { kind: 'account', id: '', name: 'operator', role: 'operator' };

describe('retrying', () => {
  it('B14, B32, O5: a held payment that was abandoned is retried once, the same way, and performed once', async () => {
    const opened = await fixture.open(ANONYMOUS);
    const { id } = opened.view;
    const caller = holderOf(opened);
    await expire(fixture, id);
    const request = { actionId: id, attempt: 1, payment: 'auto' as const, caller };
    const clicks = await Promise.allSettled(
      Array.from({ length: 5 }, () => retryAction(fixture.engine, request)),
    );
    expect(clicks.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const view = await fixture.view(id);
    expect(view.attempts.map(({ flow }) => flow)).toEqual(['pessimistic', 'pessimistic']);
    await fixture.pay(view);
    await fixture.deliver();
    expect(await statesOf(fixture, id)).toEqual(['FAILED INVOICE_EXPIRED', 'HELD']);
    await fixture.drive(id);
    expect(await statesOf(fixture, id)).toEqual(['FAILED INVOICE_EXPIRED', 'PAID']);
    expect(await fixture.count('items where action_id = $1', [id])).toBe(1);
  });

  it('B22: the second of two tabs is told that it lost, and by which attempt', async () => {
    const author = await fixture.account('two-tabs');
    const { view } = await fixture.open(author);
    await expire(fixture, view.id);
    const request = { actionId: view.id, attempt: 1, payment: 'auto' as const, caller: author };
    await retryAction(fixture.engine, request);
    const lost: unknown = await retryAction(fixture.engine, request).catch((e: unknown) => e);
    if (!(lost instanceof Refusal)) throw new Error('the second retry was not refused');
    expect(lost.code).toBe('action.retry_lost');
    expect(lost.detail).toMatch(/is 2$/);
  });

  it('B31: any number of retries keeps the arguments, the cost and who is paid', async () => {
    const author = await fixture.account('author');
    const itemId = await fixture.paidPost(author);
    const opened = await fixture.open(ANONYMOUS, zapOf(itemId, 21));
    const { id, args } = opened.view;
    for (let n = 0; n < 3; n += 1) {
      await expire(fixture, id);
      await retry(fixture, id, holderOf(opened));
    }
    const view = await fixture.view(id);
    expect([view.args, view.costMsat]).toEqual([args, 21_000n]);
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.drive(id);
    expect((await fixture.view(id)).state).toBe('PAID');
    expect(await fixture.balance(author)).toBe(14_700n);
  });

  it('B37: only once the old invoice can no longer be paid, and with another one', async () => {
    const author = await fixture.account('qr-code');
    const { view } = await fixture.open(author);
    const old = hashOf(view);
    const lookUp = async (hash: string): Promise<unknown> =>
      (await fixture.node.lookupInvoice(hash))?.state;
    await expect(retry(fixture, view.id, author)).rejects.toMatchObject({
      code: 'action.not_retryable',
    });
    fixture.node.failNext('cancelInvoice', 'unavailable');
    await cancelAction(fixture.engine, { actionId: view.id, caller: author });
    await expect(retry(fixture, view.id, author)).rejects.toMatchObject({
      code: 'action.not_retryable',
    });
    await fixture.drive(view.id);
    expect(await lookUp(old)).toBe('canceled');
    const next = await retry(fixture, view.id, author);
    expect(hashOf(next.view)).not.toBe(old);
    await expect(fixture.pay(view)).rejects.toThrow();
    expect(await lookUp(hashOf(next.view))).toBe('open');
  });

  it('B38: what its type does not allow to be retried is refused, and says so', async () => {
    const author = await fixture.account('once-only');
    const { view } = await fixture.open(author);
    changeType(itemCreate, { policy: { retry: false } });
    expect((await expire(fixture, view.id)).retryable).toBe(false);
    await expect(retry(fixture, view.id, author)).rejects.toMatchObject({
      code: 'action.not_retryable',
    });
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED INVOICE_EXPIRED']);
  });

  it('B40: one that fails while it is set up leaves nothing; one that the node refuses is an attempt', async () => {
    const author = await fixture.account('set-up');
    const { view } = await fixture.open(author);
    await expire(fixture, view.id);
    const before = await fixture.count('outbox');
    changeType(itemCreate, { validate: () => Promise.reject(new TypeError('no such property')) });
    await expect(retry(fixture, view.id, author)).rejects.toThrow(TypeError);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED INVOICE_EXPIRED']);
    expect(await fixture.count('outbox')).toBe(before);
    changeType(itemCreate, { validate: () => Promise.resolve() });
    fixture.node.failNext('createInvoice', 'refused');
    await retry(fixture, view.id, author);
    await retry(fixture, view.id, author);
    expect(await statesOf(fixture, view.id)).toEqual([
      'FAILED INVOICE_EXPIRED',
      'FAILED INVOICE_CREATION_FAILED',
      'PENDING',
    ]);
  });
});

describe('cancelling', () => {
  it('B42: its author, its expiry, an operator and the node are told apart', async () => {
    const author = await fixture.account('reasons');
    const open = async (): Promise<string> => (await fixture.open(author)).view.id;
    const byAuthor = await open();
    await cancelAction(fixture.engine, { actionId: byAuthor, caller: author });
    const byExpiry = await open();
    await expire(fixture, byExpiry);
    const byOperator = await open();
    await cancelAction(fixture.engine, { actionId: byOperator, caller: operator });
    const byNode = await open();
    await fixture.node.cancelInvoice(hashOf(await fixture.view(byNode)));
    await fixture.deliver();
    const states = await Promise.all(
      [byAuthor, byExpiry, byOperator, byNode].map((id) => statesOf(fixture, id)),
    );
    expect(states.flat()).toEqual([
      'FAILED USER_CANCELLED',
      'FAILED INVOICE_EXPIRED',
      'FAILED SYSTEM_CANCELLED',
      'FAILED SYSTEM_CANCELLED',
    ]);
  });

  it('B10, B42: what is held is not cancelled by its author: it is about to be paid', async () => {
    const opened = await fixture.open(ANONYMOUS);
    await fixture.pay(opened.view);
    await fixture.deliver();
    const cancel = { actionId: opened.view.id, caller: holderOf(opened) };
    await expect(cancelAction(fixture.engine, cancel)).rejects.toMatchObject({
      code: 'action.not_cancellable',
    });
    await fixture.drive(opened.view.id);
    expect(await statesOf(fixture, opened.view.id)).toEqual(['PAID']);
  });

  it('B43: in the instant after the payment says that it was paid', async () => {
    const author = await fixture.account('too-late');
    const { view } = await fixture.open(author);
    fixture.node.before.set('cancelInvoice', () => fixture.pay(view));
    const cancelled = await cancelAction(fixture.engine, { actionId: view.id, caller: author });
    expect(cancelled).toMatchObject({ done: true, view: { state: 'PAID' } });
    expect(await fixture.count(`items where action_id = $1 and state = 'PAID'`, [view.id])).toBe(1);
  });

  it('B36: a payment that is held is not taken for paid', async () => {
    const { view } = await fixture.open(ANONYMOUS);
    await fixture.pay(view);
    expect((await fixture.view(view.id)).state).toBe('PENDING_HELD');
    await fixture.deliver();
    expect((await fixture.view(view.id)).state).toBe('HELD');
    expect(await fixture.count(`items where action_id = $1 and state = 'PAID'`, [view.id])).toBe(0);
    expect(
      await fixture.count(
        `outbox where subject like 'actions.%.paid' and payload->>'actionId' = $1`,
        [view.id],
      ),
    ).toBe(0);
    await fixture.drive(view.id);
    expect(
      await fixture.count(
        `outbox where subject like 'actions.%.paid' and payload->>'actionId' = $1`,
        [view.id],
      ),
    ).toBe(1);
  });
});

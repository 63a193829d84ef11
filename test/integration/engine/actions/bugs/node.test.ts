import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPaidActionActivities } from '../../../../../activities/paid-action.js';
import { actionParams } from '../../../../../services/api/v1/wire/action-request.js';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import type { Caller } from '../../../../../engine/accounts/caller.js';
import { LightningError } from '../../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../../domain/money.js';
import { brokenRules } from '../../../../support/books.js';
import { ActionFixture, ANONYMOUS, POST, zapOf } from '../fixture.helper.js';
import { expire, hashOf, retry, statesOf } from './bugs.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterEach(() => {
  fixture.node.heal();
  fixture.node.clockAheadMs = 0;
  vi.useRealTimers();
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const operator: Caller = { kind: 'account', id: '', name: 'operator', role: 'operator' };

describe('clocks', () => {
  it.each([
    ['behind', -600_000],
    ['ahead', 600_000],
  ])('of a node ten minutes %s cancel nothing at birth', async (_, ms) => {
    fixture.node.clockAheadMs = ms;
    for (const caller of [ANONYMOUS, await fixture.account(`clock${ms}`)]) {
      const { view } = await fixture.open(caller);
      const step = await fixture.drive(view.id);
      expect(step.state).toMatch(/^PENDING/);
      expect(step.waitMs).toBeGreaterThan(590_000);
      expect(step.waitMs).toBeLessThan(610_000);
      await fixture.pay(view);
      await fixture.deliver();
      await fixture.drive(view.id);
      expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
    }
  });

  it('of a worker make no timer short: waits are relative to the clock of the database', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { view } = await fixture.open(await fixture.account('slow-clock'));
    const ref = { actionId: view.id, attempt: 1 };
    const now = Date.now();
    for (const ms of [-600_000, 600_000]) {
      vi.setSystemTime(now + ms);
      const step = await fixture.advance(ref);
      expect(step?.waitMs).toBeGreaterThan(590_000);
      expect(step?.waitMs).toBeLessThan(610_000);
    }
    vi.useRealTimers();
    // A deadline that is looked at a moment early is waited for, not asked for again and again.
    await fixture.pool.query(
      `update attempts set due_at = clock_timestamp() + interval '1 ms', deadline_at = clock_timestamp() + interval '1 ms'
       where action_id = $1`,
      [view.id],
    );
    const step = await fixture.advance(ref);
    if (step?.call === null) expect(step.waitMs).toBeGreaterThanOrEqual(25);
  });
});

describe('a node that does not answer', () => {
  it('O3, B44: is asked again by one row, however often that fails, and by nobody else', async () => {
    const author = await fixture.account('unanswered');
    const { view } = await fixture.open(author);
    fixture.node.failNext('cancelInvoice', 'unavailable', 6);
    for (let n = 0; n < 3; n += 1) {
      await cancelAction(fixture.engine, { actionId: view.id, caller: author });
    }
    const ref = { actionId: view.id, attempt: 1 };
    for (let n = 0; n < 3; n += 1) {
      await expect(fixture.makeCalls(ref)).rejects.toThrow(LightningError);
    }
    const waiting = `outbox where destination = 'node' and subject = $1 and published_at is null`;
    expect(await fixture.count(waiting, [hashOf(view)])).toBe(1);
    await fixture.makeCalls(ref);
    expect(await statesOf(fixture, view.id)).toEqual(['FAILED USER_CANCELLED']);
    expect(await fixture.count(waiting, [hashOf(view)])).toBe(0);
  });

  it('is the wrong one, or was restored: what was shown is not given up because it does not know it', async () => {
    const { view } = await fixture.open(await fixture.account('restored'));
    await fixture.pool.query('alter table lightning_sim.invoices rename to hidden_invoices');
    await fixture.pool.query(
      'create table lightning_sim.invoices (like lightning_sim.hidden_invoices)',
    );
    try {
      await fixture.passDeadline(view.id);
      await expect(fixture.drive(view.id)).rejects.toThrow('is it the right node?');
      expect(await statesOf(fixture, view.id)).toEqual(['PENDING']);
    } finally {
      await fixture.pool.query('drop table lightning_sim.invoices');
      await fixture.pool.query('alter table lightning_sim.hidden_invoices rename to invoices');
    }
    await fixture.pay(view);
    await fixture.deliver();
    expect(await statesOf(fixture, view.id)).toEqual(['PAID']);
  });

  it.each([
    ['amount', { amountMsat: toMsat(1n) }],
    ['kind', { kind: 'ordinary' as const }],
    ['hash', { hash: 'ab'.repeat(32) }],
  ])('with an invoice of another %s is refused: it is not shown', async (_, change) => {
    const create = fixture.node.createInvoice;
    fixture.node.createInvoice = async (request) => ({ ...(await create(request)), ...change });
    try {
      const { view } = await fixture.open(ANONYMOUS);
      expect(view.attempts).toMatchObject([
        { state: 'FAILED', reason: 'INVOICE_CREATION_FAILED', invoice: { bolt11: null } },
      ]);
    } finally {
      fixture.node.createInvoice = create;
    }
  });
});

describe('who may know and pay what', () => {
  it('without an account nobody learns that an unpaid item exists', async () => {
    await fixture.open(ANONYMOUS, { payment: 'invoice' });
    const hidden = await fixture.open(await fixture.account('hidden'));
    const { rows } = await fixture.pool.query<{ id: string }>(
      `insert into items (action_id, author, title, text, state) values ($1, null, 'unpaid', '', 'PENDING') returning id::text`,
      [(await fixture.open(ANONYMOUS)).view.id],
    );
    const strangers = [ANONYMOUS, await fixture.account('stranger')];
    for (const itemId of [rows[0]?.id ?? '', hidden.view.result['itemId'] ?? '']) {
      for (const caller of strangers) {
        const asked = await fixture.open(caller, zapOf(itemId)).catch((e: unknown) => e);
        const missing = await fixture.open(caller, zapOf('999999999')).catch((e: unknown) => e);
        expect(asked).toMatchObject({
          code: 'item.not_found',
          detail: `there is no item ${itemId}`,
        });
        expect(missing).toMatchObject({ code: 'item.not_found' });
      }
    }
  });

  it('an operator retries with an invoice, never with the money of the author', async () => {
    const author = await fixture.account('owner', 100_000n);
    const { view } = await fixture.open(author, { payment: 'invoice' });
    await expire(fixture, view.id);
    const { view: after } = await retry(fixture, view.id, operator);
    expect(after.attempts[1]).toMatchObject({ flow: 'optimistic', state: 'PENDING' });
    expect(after.attempts[1]?.invoice?.amountMsat).toBe(view.costMsat);
    expect(await fixture.balance(author)).toBe(100_000n);
  });

  it('an action has one spelling: an upper-case id opens and finds the same one', async () => {
    const actionId = randomUUID();
    const activities = createPaidActionActivities(fixture.engine, {
      apiUrl: 'http://127.0.0.1:8420',
      trustsStarts: true,
    });
    const open = { type: POST.type, args: POST.args };
    const upper = { actionId: actionId.toUpperCase(), attempt: 1, open };
    expect(await activities.advanceAction(upper)).toMatchObject({ state: 'PENDING_HELD' });
    expect(await activities.advanceAction({ ...upper, actionId })).toMatchObject({
      state: 'PENDING_HELD',
    });
    const view = await fixture.view(actionId);
    expect(view.attempts).toHaveLength(1);
    expect(view.attempts[0]?.invoice?.bolt11).toMatch(/^lnbcrt/);
    expect(actionParams.parse({ id: actionId.toUpperCase() })).toEqual({ id: actionId });
    await fixture.pay(view);
    await fixture.deliver();
    await fixture.drive(actionId);
    expect(await statesOf(fixture, actionId)).toEqual(['PAID']);
  });
});

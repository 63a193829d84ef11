import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionView } from '../../../../../engine/actions/contract.js';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import { itemCreate } from '../../../../../engine/actions/types/item-create.js';
import { payMany } from '../../../../../engine/actions/pay-many.js';
import { findTargets } from '../../../../../engine/actions/attempt-target.js';
import { transact } from '../../../../../engine/context.js';
import { Refusal } from '../../../../../domain/refusal.js';
import { brokenRules } from '../../../../support/books.js';
import { ActionFixture, ANONYMOUS, zapOf } from '../fixture.helper.js';
import {
  changeType,
  expire,
  giveSats,
  hashOf,
  report,
  retry,
  statesOf,
  type Person,
} from './bugs.helper.js';

const DEADLOCK_DETECTED = '40P01';

let fixture: ActionFixture;
/** How many deadlocks PostgreSQL reported: transactions are repeated after one, so nothing else shows them. */
let deadlocks = 0;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  fixture.pool.on('connect', ({ connection }) => {
    connection.on('errorMessage', ({ code }: { code?: string }) => {
      if (code === DEADLOCK_DETECTED) deadlocks += 1;
    });
  });
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

interface Zapper {
  readonly person: Person;
  readonly itemId: string;
}

async function people(count: number): Promise<Zapper[]> {
  const zappers: Zapper[] = [];
  for (let n = 0; n < count; n += 1) {
    const person = await fixture.account(`person-${n}`, 10_000_000n);
    await giveSats(fixture, person, 1_000_000n);
    zappers.push({ person, itemId: await fixture.paidPost(person) });
  }
  return zappers;
}

describe('locks', () => {
  it('B15, B18, B19, B20: payments among the same people and items, of every kind, never deadlock', async () => {
    const all = await people(4);
    const pairs = all.flatMap((from) =>
      all.flatMap((to) => (from === to ? [] : [{ from: from.person, itemId: to.itemId }])),
    );
    const byInvoice = await Promise.all(
      pairs.map(({ from, itemId }) =>
        fixture.open(from, { ...zapOf(itemId, 20_000), payment: 'auto' }),
      ),
    );
    const results = await Promise.allSettled([
      ...byInvoice.map(async ({ view }) => {
        // Money over the price moves the payer's account too.
        await fixture.pay(view, (view.attempts[0]?.invoice?.amountMsat ?? 0n) + 5_000n);
        const { receivedMsat = 0n } = (await fixture.node.lookupInvoice(hashOf(view))) ?? {};
        await report(fixture, view, 'settled', receivedMsat);
      }),
      ...pairs.flatMap(({ from, itemId }) =>
        Array.from({ length: 3 }, () => fixture.open(from, zapOf(itemId, 10))),
      ),
      ...pairs.map(async ({ from, itemId }) => {
        const { view } = await fixture.open(from, { ...zapOf(itemId, 20_000), payment: 'auto' });
        await cancelAction(fixture.engine, { actionId: view.id, caller: from });
      }),
    ]);
    const failed = results.filter(
      (result) => result.status === 'rejected' && !(result.reason instanceof Refusal),
    );
    expect(failed).toEqual([]);
    expect(deadlocks).toBe(0);
  });

  it('B16: every flow works with a single connection to the database', async () => {
    const single = await ActionFixture.create({}, { connections: 1 });
    try {
      const author = await single.account('author');
      const itemId = await single.paidPost(author);
      await single.open(await single.account('rich', 500_000n), zapOf(itemId));
      const mixed = await single.open(await single.account('mixed', 40_000n), zapOf(itemId));
      await expire(single, mixed.view.id);
      await report(single, mixed.view, 'settled', 60_000n);
      const hold = await single.open(ANONYMOUS, zapOf(itemId));
      await single.pay(hold.view);
      await single.deliver();
      await single.drive(hold.view.id);
      const late = await single.open(author, { payment: 'invoice' });
      await expire(single, late.view.id);
      await report(single, late.view, 'settled');
      const cancelled = await single.open(author, { payment: 'invoice' });
      await cancelAction(single.engine, { actionId: cancelled.view.id, caller: author });
      await retry(single, cancelled.view.id, author);
      expect(await statesOf(single, hold.view.id)).toEqual(['PAID']);
      expect(await statesOf(single, late.view.id)).toEqual(['FAILED INVOICE_EXPIRED', 'PAID']);
    } finally {
      await single.close();
    }
  });

  it('B21: payments for one author in one batch all count', async () => {
    const author = await fixture.account('batched');
    const items = [await fixture.paidPost(author), await fixture.paidPost(author)];
    const views: ActionView[] = [];
    for (const [n, itemId] of [...items, ...items].entries()) {
      const { view } = await fixture.open(await fixture.account(`batch-${n}`), zapOf(itemId));
      await fixture.pay(view);
      views.push(view);
    }
    const targets = await findTargets(
      fixture.pool,
      views.map((view) => hashOf(view)),
      { all: false },
    );
    const payments = targets.flatMap((target, n) => {
      const view = views[n];
      if (target === undefined || view === undefined) return [];
      const receivedMsat = view.costMsat;
      return [
        { ...target, update: { hash: hashOf(view), state: 'settled' as const, receivedMsat } },
      ];
    });
    await transact(fixture.engine, (tx) => payMany(tx, payments));
    expect(await fixture.balance(author)).toBe(4n * 70_000n);
    for (const itemId of items) {
      expect(
        await fixture.count('item_counters where id = $1 and zaps = 2 and zapped_msat = 200000', [
          itemId,
        ]),
      ).toBe(1);
    }
  });

  it('B23: a request that is sent many times at once opens one action, with one invoice', async () => {
    const author = await fixture.account('impatient');
    const idempotencyKey = {
      scope: Buffer.alloc(32, 1),
      key: randomUUID(),
      bodyHash: Buffer.alloc(32, 2),
    };
    const opened = await Promise.all(
      Array.from({ length: 12 }, () => fixture.open(author, { idempotencyKey })),
    );
    expect(new Set(opened.map(({ view }) => view.id)).size).toBe(1);
    expect(opened.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await fixture.count('actions where actor = $1', [author.id])).toBe(1);
    expect(await fixture.count('items where author = $1', [author.id])).toBe(1);
  });

  it('B23: one that is refused because of what the same request did is a replay', async () => {
    const author = await fixture.account('hurried');
    const idempotencyKey = {
      scope: Buffer.alloc(32, 1),
      key: randomUUID(),
      bodyHash: Buffer.alloc(32, 2),
    };
    const refusal = new Refusal('item.duplicate', 'the other one was opened meanwhile');
    let faster: string | undefined;
    changeType(itemCreate, {
      validate: async () => {
        changeType(itemCreate, { validate: () => Promise.resolve() });
        faster = (await fixture.open(author, { idempotencyKey })).view.id;
        throw refusal;
      },
    });
    const slower = await fixture.open(author, { idempotencyKey });
    expect(slower).toMatchObject({ replayed: true, view: { id: faster } });
    changeType(itemCreate, { validate: () => Promise.reject(refusal) });
    await expect(fixture.open(author)).rejects.toBe(refusal);
  });
});

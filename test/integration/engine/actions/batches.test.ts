import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionView } from '../../../../engine/actions/contract.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { loadAction } from '../../../../engine/actions/action.js';
import { lockAttempt } from '../../../../engine/actions/attempt-row.js';
import { type LockedAttempt, moveLocked } from '../../../../engine/actions/move-attempt.js';
import { lockCredits } from '../../../../engine/credits/accounts.js';
import { type ApplyOutcome, transact } from '../../../../engine/context.js';
import { toMsat } from '../../../../domain/money.js';
import { payments } from '../../../../services/relay/consumer/payments.js';
import type { InvoiceUpdateMessage } from '../../../../services/shared/messages/payments.js';
import { brokenRules } from '../../../support/books.js';
import { waitForBlockedConnections } from '../../../support/blocked-connections.js';
import { ActionFixture, ANONYMOUS, zapOf } from './fixture.helper.js';

type Account = Caller & { readonly kind: 'account' };

let fixture: ActionFixture;
let authors: readonly Account[];
/** By the authors, and one anonymous. */
let items: readonly string[];

beforeAll(async () => {
  fixture = await ActionFixture.create();
  authors = await Promise.all(['ann', 'ben'].map((name) => fixture.account(name)));
  items = await Promise.all([...authors, ANONYMOUS].map((author) => fixture.paidPost(author)));
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const settled = (view: ActionView, receivedMsat: bigint): InvoiceUpdateMessage => ({
  ...{ hash: view.attempts[0]?.invoice?.hash ?? '', state: 'settled', node: 'a node', cursor: 1n },
  ...{ receivedMsat: toMsat(receivedMsat), at: new Date() },
});

type Item = Parameters<typeof payments.apply>[2][number];

/** The updates that can share a transaction, with their targets; the others are undefined. */
async function batchable(
  updates: readonly InvoiceUpdateMessage[],
): Promise<readonly (Item | undefined)[]> {
  const targets = (await payments.findBatchable?.(fixture.pool, updates)) ?? [];
  return updates.map((body, n) => {
    const target = targets[n];
    return target === undefined ? undefined : { body, target };
  });
}

const isItem = (item: Item | undefined): item is Item => item !== undefined;

/** What a relay does with messages that wait, without JetStream: a batch, and then each of the others alone. */
async function applyAll(updates: readonly InvoiceUpdateMessage[]): Promise<ApplyOutcome[]> {
  const found = await batchable(updates);
  const batch = found.filter(isItem);
  const outcomes = await transact(fixture.engine, (tx) =>
    payments.apply(fixture.engine, tx, batch),
  );
  for (const { hash, state, receivedMsat } of updates.filter((_, n) => found[n] === undefined)) {
    outcomes.push(await fixture.report({ hash, state, receivedMsat }));
  }
  return outcomes;
}

/** What an item and the authors have. */
async function counted(itemId: string): Promise<{ zaps: number; zappedMsat: bigint }> {
  const { rows } = await fixture.pool.query<{ zaps: number; zappedMsat: bigint }>(
    'select zaps, zapped_msat as "zappedMsat" from item_counters where id = $1',
    [itemId],
  );
  return rows[0] ?? { zaps: -1, zappedMsat: -1n };
}

const zap = fc.record({
  item: fc.nat(2),
  sats: fc.integer({ min: 10, max: 500 }),
  /** Paid beyond what was asked, in msat. */
  over: fc.constantFrom(0n, 0n, 1_500n),
  payer: fc.constantFrom('account' as const, 'anonymous' as const),
  fate: fc.constantFrom('in time' as const, 'in time' as const, 'late' as const),
});

type Zap = typeof zap extends fc.Arbitrary<infer T> ? T : never;

async function openZaps(
  zaps: readonly Zap[],
  payer: Account,
): Promise<{ readonly zap: Zap; readonly view: ActionView }[]> {
  const opened: { zap: Zap; view: ActionView }[] = [];
  for (const each of zaps) {
    const caller = each.payer === 'account' ? payer : ANONYMOUS;
    const request = { ...zapOf(items[each.item] ?? '', each.sats), payment: 'invoice' as const };
    const { view } = await fixture.open(caller, request);
    if (each.fate === 'late') {
      await fixture.passDeadline(view.id);
      await fixture.drive(view.id);
    }
    opened.push({ zap: each, view });
  }
  return opened;
}

describe('invoice updates in a batch', () => {
  let runs = 0;

  it('have the effect that each would have by itself, however they are grouped', async () => {
    const arbitrary = fc.tuple(
      fc.array(zap, { minLength: 2, maxLength: 14 }),
      fc.integer({ min: 1, max: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, async ([zaps, groups]) => {
        const payer = await fixture.account(`payer-${(runs += 1)}`);
        const before = await Promise.all(items.map(counted));
        const balances = await Promise.all(authors.map((author) => fixture.balance(author)));
        const opened = await openZaps(zaps, payer);

        const updates = opened.map((one) => settled(one.view, one.view.costMsat + one.zap.over));
        const outcomes = await Promise.all(
          Array.from({ length: groups }, (_, group) =>
            applyAll(updates.filter((__, n) => n % groups === group)),
          ),
        );

        expect(outcomes.flat()).toEqual(updates.map(() => 'applied'));
        expect(await applyAll(updates)).toEqual(updates.map(() => 'known'));
        const msat = (of: readonly Zap[]): bigint =>
          of.reduce((sum, { sats }) => sum + BigInt(sats) * 1000n, 0n);
        for (const [n, itemId] of items.entries()) {
          const [mine, was] = [zaps.filter(({ item }) => item === n), before[n]];
          expect(await counted(itemId)).toEqual({
            zaps: (was?.zaps ?? 0) + mine.length,
            zappedMsat: (was?.zappedMsat ?? 0n) + msat(mine),
          });
        }
        for (const [n, author] of authors.entries()) {
          const share = (msat(zaps.filter(({ item }) => item === n)) * 70n) / 100n;
          expect((await fixture.balance(author)) - (balances[n] ?? 0n)).toBe(share);
        }
        const over = zaps.filter((one) => one.payer === 'account');
        const surplus = over.reduce((sum, one) => sum + one.over, 0n);
        expect(await fixture.balance(payer)).toBe(surplus);
        expect(await brokenRules(fixture.pool)).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it('are announced, and wake their workflows, as each would by itself', async () => {
    const payer = await fixture.account('told');
    const zaps = [1, 2, 3].map((sats): Zap => ({
      item: 0,
      sats,
      over: 0n,
      payer: 'account',
      fate: 'in time',
    }));
    const opened = await openZaps(zaps, payer);
    await applyAll(opened.map(({ view }) => settled(view, view.costMsat)));
    for (const { view } of opened) {
      expect(await fixture.count(`outbox where payload->>'actionId' = $1`, [view.id])).toBe(1);
      const wakes = `outbox where kind = 'wake' and subject like 'action/' || $1 || '/%'`;
      expect(await fixture.count(wakes, [view.id])).toBe(1);
      const paid = `transitions where subject like $1 || '/%' and event = 'settled' and from_state = 'PENDING'`;
      expect(await fixture.count(paid, [view.id])).toBe(1);
    }
  });

  it('are payments that ask for nothing more, one of each invoice', async () => {
    const { view } = await fixture.open(await fixture.account('twice'), { payment: 'invoice' });
    const { view: held } = await fixture.open(ANONYMOUS, { payment: 'invoice' });
    const update = settled(view, view.costMsat);
    const foreign = { ...update, hash: 'ab'.repeat(32) };
    const found = await batchable([
      ...[foreign, update, update, { ...update, state: 'canceled' as const }],
      settled(held, held.costMsat),
    ]);
    expect(found.map(isItem)).toEqual([false, true, false, false, false]);
  });

  it('do nothing at all when one of them has changed meanwhile', async () => {
    const views = await Promise.all(
      [1, 2, 3].map(async (n) => {
        const { view } = await fixture.open(await fixture.account(`turned-${n}`));
        return view;
      }),
    );
    const updates = views.map((view) => settled(view, view.costMsat));
    const batch = (await batchable(updates)).filter(isItem);
    // Between the look and the locks the second fails.
    const [, second] = views;
    await fixture.passDeadline(second?.id ?? '');
    await fixture.drive(second?.id ?? '');
    const applied = transact(fixture.engine, (tx) => payments.apply(fixture.engine, tx, batch));
    await expect(applied).rejects.toThrow('is FAILED by now');
    const states = await Promise.all(views.map(({ id }) => fixture.view(id)));
    expect(states.map(({ state }) => state)).toEqual(['PENDING', 'FAILED', 'PENDING']);
  });

  it('are not taken for written when the state of one did not allow it', async () => {
    const payer = await fixture.account('moved');
    const opened = await Promise.all([1, 2].map(() => fixture.open(payer)));
    const ids = opened.map(({ view }) => view.id);
    const [, second = ''] = ids;
    await fixture.passDeadline(second);
    await fixture.drive(second);
    const moving = transact(fixture.engine, async (tx) => {
      const locked: LockedAttempt[] = [];
      for (const actionId of ids) {
        const attempt = await lockAttempt(tx, { actionId, attempt: 1 });
        locked.push({ action: await loadAction(tx, actionId), attempt });
      }
      await moveLocked(tx, locked, { event: 'settled' }, 'other');
    });
    await expect(moving).rejects.toThrow('no settled, though all were locked');
    const views = await Promise.all(ids.map((id) => fixture.view(id)));
    expect(views.map(({ state }) => state)).toEqual(['PENDING', 'FAILED']);
  });

  it('wait for the account of a payer who gets something back, before anything else, and for no other', async () => {
    const payer = await fixture.account('locked');
    const open = async (): Promise<ActionView> =>
      (await fixture.open(payer, { payment: 'invoice' })).view;
    const [exact, alsoExact, over, alsoOver] = [
      await open(),
      await open(),
      await open(),
      await open(),
    ];
    const holder = await fixture.pool.connect();
    try {
      await holder.query('begin');
      await lockCredits(holder, [payer.id]);
      await applyAll([exact, alsoExact].map((view) => settled(view, view.costMsat)));
      expect((await fixture.view(exact.id)).state).toBe('PAID');

      const waiting = applyAll([over, alsoOver].map((view) => settled(view, view.costMsat + 500n)));
      await waitForBlockedConnections(fixture.pool, 1);
      const free = `(select from attempts where action_id = any($1) for update skip locked) a`;
      expect(await fixture.count(free, [[over.id, alsoOver.id]])).toBe(2);
      await holder.query('commit');
      expect(await waiting).toEqual(['applied', 'applied']);
    } finally {
      holder.release();
    }
    expect(await fixture.balance(payer)).toBe(1_000n);
  });

  it('of several items are counted without waiting for each other in a ring', async () => {
    const rounds = Array.from({ length: 12 }, (_, n) => n);
    const other = await fixture.paidPost(ANONYMOUS);
    const people = await Promise.all(rounds.map((n) => fixture.account(`ring-${n}`)));
    const first = await Promise.all(
      people.map((person) =>
        fixture.open(person, { ...zapOf(items[2] ?? '', 5), payment: 'invoice' }),
      ),
    );
    const second = await Promise.all(
      people.map((person) => fixture.open(person, { ...zapOf(other, 5), payment: 'invoice' })),
    );
    const updates = [...first, ...second].map(({ view }) => settled(view, view.costMsat));
    const { rows: was } = await fixture.pool.query<{ deadlocks: bigint }>(DEADLOCKS);
    // Pairs of one zap for either item, in either order.
    await Promise.all(
      rounds.map((n) => {
        const pair = [updates[n], updates[n + 12]].filter((update) => update !== undefined);
        return applyAll(n % 2 === 0 ? pair : pair.reverse());
      }),
    );
    expect((await counted(other)).zaps).toBe(12);
    const { rows: is } = await fixture.pool.query<{ deadlocks: bigint }>(DEADLOCKS);
    expect(is).toEqual(was);
  });
});

const DEADLOCKS = 'select deadlocks from pg_stat_database where datname = current_database()';

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { Refusal } from '../../../../domain/refusal.js';
import { brokenRules } from '../../../support/books.js';
import { ActionFixture, ANONYMOUS, zapOf } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(() => fixture.close());

const times = <T>(n: number, act: (i: number) => Promise<T>): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(Array.from({ length: n }, (_, i) => act(i)));

const fulfilled = (results: readonly PromiseSettledResult<unknown>[]): number =>
  results.filter(({ status }) => status === 'fulfilled').length;

describe('at the same time', () => {
  it('twenty copies of one invoice update pay once', async () => {
    const { view } = await fixture.open(await fixture.account('doubled'));
    await fixture.pay(view);
    const hash = view.attempts[0]?.invoice?.hash ?? '';
    const results = await times(20, () =>
      fixture.report({ hash, state: 'settled', receivedMsat: view.costMsat }),
    );
    const outcomes = results.map((result) =>
      result.status === 'fulfilled' ? result.value : 'failed',
    );
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'known')).toHaveLength(19);
    expect(
      await fixture.count(`outbox where subject like 'actions.%' and payload->>'actionId' = $1`, [
        view.id,
      ]),
    ).toBe(1);
  });

  it('ten retries of one attempt open one', async () => {
    const author = await fixture.account('double-clicker');
    const { view } = await fixture.open(author);
    await fixture.passDeadline(view.id);
    await fixture.drive(view.id);
    const results = await times(10, () =>
      retryAction(fixture.engine, {
        actionId: view.id,
        attempt: 1,
        payment: 'auto',
        caller: author,
      }),
    );
    expect(fulfilled(results)).toBe(1);
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'action.retry_lost' });
    }
  });

  it('ten retries of an anonymous attempt open one, and the others are refused', async () => {
    const opened = await fixture.open(ANONYMOUS);
    const { id } = opened.view;
    await fixture.passDeadline(id);
    await fixture.drive(id);
    const caller: Caller = {
      kind: 'anonymous',
      ...(opened.capability && { capability: opened.capability }),
    };
    const results = await times(10, () =>
      retryAction(fixture.engine, { actionId: id, attempt: 1, payment: 'invoice', caller }),
    );
    expect(fulfilled(results)).toBe(1);
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'action.retry_lost' });
    }
  });

  it('ten openings with one id of the caller’s choice open one', async () => {
    const id = randomUUID();
    const caller = await fixture.account('chooser');
    const results = await times(10, () => fixture.open(caller, { id, payment: 'invoice' }));
    expect(fulfilled(results)).toBe(10);
    expect(await fixture.count('attempts where action_id = $1', [id])).toBe(1);
    const other = { id, args: { title: 'Something else' }, payment: 'invoice' as const };
    await expect(fixture.open(caller, other)).rejects.toMatchObject({ code: 'action.id_taken' });
    await expect(fixture.open(ANONYMOUS, { id, payment: 'invoice' })).rejects.toMatchObject({
      code: 'action.id_taken',
    });
  });

  it('twenty zaps cannot spend the same credits', async () => {
    const author = await fixture.account('popular');
    const zapper = await fixture.account('spender', 450_000n);
    const itemId = await fixture.paidPost(author);
    const results = await times(20, () =>
      fixture.open(zapper, { ...zapOf(itemId), payment: 'credits' }),
    );
    expect(fulfilled(results)).toBe(4);
    expect(await fixture.balance(zapper)).toBe(50_000n);
    expect(await fixture.balance(author)).toBe(4n * 70_000n);
  });

  it('people who zap each other do not lock each other out', async () => {
    const people = await Promise.all(
      ['ann', 'ben', 'cat'].map((name) => fixture.account(`mutual-${name}`, 10_000_000n)),
    );
    const items = await Promise.all(people.map((person) => fixture.paidPost(person)));
    const results = await times(90, (i) => {
      const zapper = people[i % 3];
      const itemId = items[(i + 1 + (i % 2)) % 3];
      if (zapper === undefined || itemId === undefined) throw new Error('out of people');
      return fixture.open(zapper, zapOf(itemId));
    });
    const refused = results.filter(
      (r) => r.status === 'rejected' && !(r.reason instanceof Refusal),
    );
    expect(refused).toEqual([]);
    expect(await brokenRules(fixture.pool)).toEqual([]);
  });

  it('the deadline, the cancellation, the payment and its invoice update have one winner', async () => {
    for (let round = 0; round < 15; round += 1) {
      const author = await fixture.account(`contended-${round}`);
      const { view } = await fixture.open(author);
      const hash = view.attempts[0]?.invoice?.hash ?? '';
      await Promise.allSettled([
        fixture
          .pay(view)
          .then(() => fixture.report({ hash, state: 'settled', receivedMsat: view.costMsat })),
        cancelAction(fixture.engine, { actionId: view.id, caller: author }),
        fixture.passDeadline(view.id).then(() => fixture.drive(view.id, 1)),
      ]);
      await fixture.deliver();
      await fixture.drive(view.id);
      const paid = (await fixture.node.lookupInvoice(hash))?.state === 'settled';
      expect((await fixture.view(view.id)).state).toBe(paid ? 'PAID' : 'FAILED');
    }
    expect(await brokenRules(fixture.pool)).toEqual([]);
  });
});

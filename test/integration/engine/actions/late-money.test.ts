import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { brokenRules } from '../../../support/books.js';
import { ActionFixture, ANONYMOUS } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

/** An attempt that failed by expiry. */
async function expired(caller: Caller): Promise<ActionView> {
  const { view } = await fixture.open(caller);
  await fixture.passDeadline(view.id);
  await fixture.drive(view.id);
  return fixture.view(view.id);
}

const settledLate = (view: ActionView, attempt = 0): Promise<unknown> =>
  fixture.report({
    hash: view.attempts[attempt]?.invoice?.hash ?? '',
    state: 'settled',
    receivedMsat: view.costMsat,
  });

const statesOf = async (id: string): Promise<string[]> =>
  (await fixture.view(id)).attempts.map(({ flow, state }) => `${flow} ${state}`);

describe('money for an attempt that is over', () => {
  it('pays the action as a further attempt while it is unpaid', async () => {
    const author = await fixture.account('late-payer');
    const view = await expired(author);
    await settledLate(view);
    expect(await statesOf(view.id)).toEqual(['optimistic FAILED', 'late PAID']);
    expect(await fixture.count(`items where action_id = $1 and state = 'PAID'`, [view.id])).toBe(1);
    expect(await fixture.balance(author)).toBe(0n);
  });

  it('is reported twice and counts once', async () => {
    const author = await fixture.account('late-twice');
    const view = await expired(author);
    await Promise.all(Array.from({ length: 8 }, () => settledLate(view)));
    expect(await statesOf(view.id)).toEqual(['optimistic FAILED', 'late PAID']);
    expect(await fixture.count('entries where key like $1', [`action/${view.id}/%`])).toBe(1);
  });

  it('becomes the payer’s credits when its author had cancelled', async () => {
    const author = await fixture.account('late-cancelled');
    const { view } = await fixture.open(author);
    await cancelAction(fixture.engine, { actionId: view.id, caller: author });
    await settledLate(view);
    expect(await statesOf(view.id)).toEqual(['optimistic FAILED']);
    expect(await fixture.balance(author)).toBe(1_000n);
  });

  it('becomes the payer’s credits when a later attempt is open or has paid', async () => {
    const author = await fixture.account('late-retried');
    const view = await expired(author);
    await retryAction(fixture.engine, {
      actionId: view.id,
      attempt: 1,
      payment: 'invoice',
      caller: author,
    });
    await settledLate(view);
    expect(await fixture.balance(author)).toBe(1_000n);
    await fixture.pay(await fixture.view(view.id));
    await fixture.deliver();
    expect(await statesOf(view.id)).toEqual(['optimistic FAILED', 'optimistic PAID']);
    expect(await fixture.balance(author)).toBe(1_000n);
  });

  it('of the anonymous becomes a claim when it cannot be used', async () => {
    const { view, capability } = await fixture.open(ANONYMOUS);
    const caller: Caller = {
      kind: 'anonymous',
      ...(capability === undefined ? {} : { capability }),
    };
    await cancelAction(fixture.engine, { actionId: view.id, caller });
    await settledLate(view);
    expect(await statesOf(view.id)).toEqual(['pessimistic FAILED']);
    expect(
      await fixture.count(
        `postings p join ledger_accounts a on a.id = p.ledger_account_id
         where a.system = 'claims' and p.amount_msat = $1`,
        [view.costMsat],
      ),
    ).toBe(1);
  });
});

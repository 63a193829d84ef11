import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import type { InvoiceUpdateState } from '../../../../domain/invoices/machine.js';
import { LightningError } from '../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../domain/money.js';
import { Refusal } from '../../../../domain/refusal.js';
import { brokenRules } from '../../../support/books.js';
import { ActionFixture, ANONYMOUS, zapOf } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(() => fixture.close());

type Chaos =
  | { readonly do: 'open'; readonly flow: 'credits' | 'optimistic' | 'pessimistic' }
  | {
      readonly do: 'pay' | 'deliver' | 'deadline' | 'drive' | 'cancel' | 'retry';
      readonly which: number;
    }
  | { readonly do: 'report'; readonly which: number; readonly update: InvoiceUpdateState }
  | { readonly do: 'fault'; readonly fault: 'unavailable' | 'answer_lost' };

const which = fc.nat(3);
const chaos: fc.Arbitrary<Chaos> = fc.oneof(
  fc.record({
    do: fc.constant('open' as const),
    flow: fc.constantFrom('credits' as const, 'optimistic' as const, 'pessimistic' as const),
  }),
  fc.record({
    do: fc.constantFrom(
      'pay' as const,
      'deliver' as const,
      'deadline' as const,
      'drive' as const,
      'cancel' as const,
      'retry' as const,
    ),
    which,
  }),
  fc.record({
    do: fc.constant('report' as const),
    which,
    update: fc.constantFrom<InvoiceUpdateState>('held', 'settled'),
  }),
  fc.record({
    do: fc.constant('fault' as const),
    fault: fc.constantFrom('unavailable' as const, 'answer_lost' as const),
  }),
);

describe('any sequence of what can happen', () => {
  let runs = 0;

  it('ends with every attempt over and the books in order', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(chaos, { minLength: 5, maxLength: 30 }), async (steps) => {
        runs += 1;
        const name = `c${runs}`;
        const author = await fixture.account(`${name}-a`);
        const itemId = await fixture.paidPost(author);
        const rich = await fixture.account(`${name}-r`, 10_000_000n);
        const poor = await fixture.account(`${name}-p`);
        const actions: { view: ActionView; caller: Caller }[] = [];
        for (const step of steps) await tolerate(() => take(step, actions, { rich, poor, itemId }));
        fixture.node.heal();
        await fixture.deliver();
        for (const { view } of actions) await settleDown(view.id);
        for (const { view } of actions) {
          const { attempts } = await fixture.view(view.id);
          expect(attempts.filter(({ state }) => state !== 'PAID' && state !== 'FAILED')).toEqual(
            [],
          );
        }
        expect(await brokenRules(fixture.pool)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

/** Refusals are expected; any other error is a defect. */
async function tolerate(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof LightningError)) throw error;
  }
}

interface Actors {
  readonly rich: Caller;
  readonly poor: Caller;
  readonly itemId: string;
}

async function take(
  step: Chaos,
  actions: { view: ActionView; caller: Caller }[],
  actors: Actors,
): Promise<void> {
  if (step.do === 'open') {
    const caller = { credits: actors.rich, optimistic: actors.poor, pessimistic: ANONYMOUS }[
      step.flow
    ];
    const opened = await fixture.open(caller, zapOf(actors.itemId, 10));
    const { capability } = opened;
    actions.push({
      view: opened.view,
      caller: capability === undefined ? caller : { kind: 'anonymous', capability },
    });
    return;
  }
  if (step.do === 'fault') {
    for (const call of ['createInvoice', 'settleInvoice', 'cancelInvoice'] as const) {
      fixture.node.failNext(call, step.fault);
    }
    return;
  }
  if (step.do === 'deliver') return fixture.deliver();
  const target = actions[step.which % Math.max(1, actions.length)];
  if (target === undefined) return;
  await touch(step, target.view.id, target.caller);
}

async function touch(step: Chaos, id: string, caller: Caller): Promise<void> {
  const view = await fixture.view(id);
  const newest = view.attempts.at(-1);
  switch (step.do) {
    case 'pay':
      if (typeof newest?.invoice?.bolt11 === 'string') await fixture.pay(view);
      return;
    case 'deadline':
      return fixture.passDeadline(id);
    case 'drive':
      await fixture.drive(id);
      return;
    case 'cancel':
      await cancelAction(fixture.engine, { actionId: id, caller });
      return;
    case 'retry':
      await retryAction(fixture.engine, {
        actionId: id,
        attempt: view.attempts.length,
        payment: 'invoice',
        caller,
      });
      return;
    case 'report':
      // Only what is true: the node's own word, as often as one likes.
      await reportWhatIsTrue(newest?.invoice?.hash ?? '', step.update);
      return;
  }
}

async function reportWhatIsTrue(hash: string, update: InvoiceUpdateState): Promise<void> {
  const invoice = await fixture.node.lookupInvoice(hash);
  const order: readonly string[] = ['open', 'held', 'settled'];
  if (invoice === undefined || order.indexOf(invoice.state) < order.indexOf(update)) return;
  await fixture.report({ hash, state: update, receivedMsat: toMsat(invoice.receivedMsat) });
}

async function settleDown(id: string): Promise<void> {
  for (const { attempt } of (await fixture.view(id)).attempts) {
    await fixture.drive(id, attempt);
    await fixture.passDeadline(id);
    await fixture.drive(id, attempt);
  }
  await fixture.deliver();
}

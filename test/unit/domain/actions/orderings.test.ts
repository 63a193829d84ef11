import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AttemptEvent, attemptMachine } from '../../../../domain/actions/machine.js';
import { type AttemptStatus, planForUpdate } from '../../../../domain/actions/plan-update.js';
import type { InvoiceUpdateState } from '../../../../domain/invoices/machine.js';
import { isTerminal, nextState, type StateRule } from '../../../../domain/machine.js';

/** An attempt with its invoice, as the node has it. */
interface Attempt extends AttemptStatus {
  readonly userCancelled: boolean;
  readonly node: 'open' | 'held' | 'settled' | 'canceled';
  /** What was told of the node, so that nothing but a first time changes anything. */
  readonly told: 'nothing' | 'held' | 'settled' | 'canceled';
}

/** All attempts of one action, and what became of the money that nodes settled. */
interface World {
  readonly attempts: readonly Attempt[];
  readonly credited: number;
  readonly settled: number;
}

type Step =
  | { readonly do: 'retry'; readonly hold: boolean }
  | {
      readonly do: 'created' | 'deadline' | 'cancel' | 'pay' | 'node closes';
      readonly which: number;
    }
  | { readonly do: 'tell'; readonly which: number; readonly performable: boolean };

const which = fc.nat(5);
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('retry' as const), hold: fc.boolean() }),
    fc.record({
      do: fc.constantFrom(...(['created', 'deadline', 'cancel', 'pay', 'node closes'] as const)),
      which,
    }),
    fc.record({ do: fc.constant('tell' as const), which, performable: fc.boolean() }),
  ),
  { maxLength: 40 },
);

const NEW: Omit<Attempt, 'hold' | 'performed'> = {
  ...{ state: 'INVOICING', userCancelled: false, node: 'open', told: 'nothing' },
};
const opened = (hold: boolean): Attempt => ({ ...NEW, hold, performed: !hold });

function put(world: World, n: number, attempt: Attempt): World {
  return { ...world, attempts: world.attempts.map((old, i) => (i === n ? attempt : old)) };
}

function moved(attempt: Attempt, event: AttemptEvent): Attempt {
  const state = nextState(attemptMachine, attempt.state, event);
  if (state === undefined) throw new Error(`${event} is not allowed in ${attempt.state}`);
  const performed = attempt.performed || state === 'HELD' || state === 'PAID';
  return { ...attempt, state, performed };
}

/** The node's own life of an invoice: what is paid to an open one is held or settled; ours decides what is held. */
function atNode(attempt: Attempt, step: 'pay' | 'node closes'): Attempt {
  const { node, hold, state } = attempt;
  if (step === 'pay') {
    if (node !== 'open') return attempt;
    return { ...attempt, node: hold ? 'held' : 'settled' };
  }
  if (node === 'open') return { ...attempt, node: 'canceled' };
  if (node !== 'held') return attempt;
  if (state === 'HELD') return { ...attempt, node: 'settled' };
  return state === 'CANCELLING' ? { ...attempt, node: 'canceled' } : attempt;
}

/** What is told of the node's state, once: the row of the invoice takes each change one time. */
function tell(world: World, n: number, performable: boolean): World {
  const attempt = world.attempts[n];
  if (attempt === undefined || attempt.node === 'open' || attempt.told === attempt.node)
    return world;
  const update: InvoiceUpdateState = attempt.node;
  const plan = planForUpdate(attempt, update);
  const refused = plan.perform && !performable ? plan.refused : undefined;
  const events = [...plan.before, ...(refused === undefined ? plan.events : [refused])];
  const after = events.reduce(moved, { ...attempt, told: update });
  const next = put(world, n, after);
  const counted = update === 'settled' ? { ...next, settled: next.settled + 1 } : next;
  if (refused === 'settled_but_impossible') return { ...counted, credited: counted.credited + 1 };
  return plan.late ? useLate(counted, performable) : counted;
}

/** It pays the action while that is unpaid and wanted, as another attempt; else it is credited. */
function useLate(world: World, performable: boolean): World {
  const newest = world.attempts.at(-1);
  if (newest?.state === 'FAILED' && !newest.userCancelled && performable) {
    const paid: Attempt = {
      ...NEW,
      state: 'PAID',
      hold: false,
      performed: true,
      node: 'canceled',
      told: 'canceled',
    };
    return { ...world, attempts: [...world.attempts, paid] };
  }
  return { ...world, credited: world.credited + 1 };
}

function take(world: World, step: Step): World {
  if (step.do === 'retry') {
    const failed = world.attempts.at(-1)?.state === 'FAILED';
    return failed ? { ...world, attempts: [...world.attempts, opened(step.hold)] } : world;
  }
  const n = step.which % world.attempts.length;
  const attempt = world.attempts[n];
  if (attempt === undefined) return world;
  switch (step.do) {
    case 'tell':
      return tell(world, n, step.performable);
    case 'pay':
    case 'node closes':
      return put(world, n, atNode(attempt, step.do));
    case 'created':
      return put(
        world,
        n,
        tryMove(attempt, attempt.hold ? 'hold_invoice_created' : 'invoice_created'),
      );
    case 'cancel': {
      const after = tryMove(attempt, 'cancel_requested');
      return put(world, n, { ...after, userCancelled: attempt.userCancelled || after !== attempt });
    }
    case 'deadline':
      return put(world, n, passDeadline(attempt));
  }
}

function tryMove(attempt: Attempt, event: AttemptEvent): Attempt {
  const allowed = nextState(attemptMachine, attempt.state, event) !== undefined;
  return allowed ? moved(attempt, event) : attempt;
}

function passDeadline(attempt: Attempt): Attempt {
  const { atDeadline }: StateRule<AttemptEvent, string, string> =
    attemptMachine.states[attempt.state];
  return atDeadline !== undefined && 'event' in atDeadline
    ? tryMove(attempt, atDeadline.event)
    : attempt;
}

/** Nothing more happens than what the engine makes happen: it asks the node until it knows. */
function settleDown(world: World): World {
  let next = world;
  for (let rounds = 0; rounds < 4; rounds += 1) {
    for (let n = 0; n < next.attempts.length; n += 1) {
      next = take(next, { do: 'created', which: n });
      next = tell(next, n, true);
      next = take(next, { do: 'node closes', which: n });
      next = tell(next, n, true);
    }
  }
  return next;
}

it('however updates, deadlines, cancellations and retries fall, money is spent or credited once and at most one attempt pays', () => {
  fc.assert(
    fc.property(fc.boolean(), steps, (hold, taken) => {
      let world: World = { attempts: [opened(hold)], credited: 0, settled: 0 };
      for (const step of taken) {
        world = take(world, step);
        const open = world.attempts.filter(({ state }) => !isTerminal(attemptMachine, state));
        expect(open.length).toBeLessThanOrEqual(1);
      }
      const { attempts, credited, settled } = settleDown(world);
      expect(attempts.filter(({ state }) => !isTerminal(attemptMachine, state))).toEqual([]);
      const paid = attempts.filter(({ state }) => state === 'PAID').length;
      expect(paid).toBeLessThanOrEqual(1);
      expect(paid + credited).toBe(settled);
      expect(settled).toBe(attempts.filter(({ node }) => node === 'settled').length);
    }),
    { numRuns: 3_000 },
  );
});

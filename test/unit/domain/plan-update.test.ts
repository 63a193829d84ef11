import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AttemptEvent,
  attemptMachine,
  type AttemptState,
} from '../../../domain/actions/machine.js';
import { type AttemptStatus, planForUpdate } from '../../../domain/actions/plan-update.js';
import type { InvoiceUpdateState } from '../../../domain/invoices/machine.js';
import { isTerminal, nextState, type StateRule, statesOf } from '../../../domain/machine.js';

/** The attempt and its money, as the guarded functions would change them. */
interface Model extends AttemptStatus {
  readonly undone: boolean;
  /** How often the payer's money was spent on the action, and given back. */
  readonly spent: number;
  readonly refunded: number;
  readonly terminals: number;
}

function start(flow: 'optimistic' | 'pessimistic'): Model {
  const performed = flow === 'optimistic';
  return {
    state: 'INVOICING',
    hold: flow === 'pessimistic',
    performed,
    undone: false,
    spent: 0,
    refunded: 0,
    terminals: 0,
  };
}

function move(model: Model, event: AttemptEvent): Model {
  const state = nextState(attemptMachine, model.state, event);
  if (state === undefined) throw new Error(`${event} is not allowed in ${model.state}`);
  return {
    ...model,
    state,
    performed: model.performed || state === 'HELD' || state === 'PAID',
    undone: model.undone || (state === 'FAILED' && model.performed),
    spent: model.spent + (state === 'PAID' ? 1 : 0),
    refunded: model.refunded + (event === 'settled_but_impossible' ? 1 : 0),
    terminals: model.terminals + (isTerminal(attemptMachine, state) ? 1 : 0),
  };
}

function applyUpdate(model: Model, update: InvoiceUpdateState, performable: boolean): Model {
  const plan = planForUpdate(model, update);
  let next = plan.before.reduce(move, model);
  const { refused } = plan;
  const events = plan.perform && !performable && refused !== undefined ? [refused] : plan.events;
  next = events.reduce(move, next);
  return plan.late ? { ...next, refunded: next.refunded + 1 } : next;
}

const states = statesOf(attemptMachine);
const updates = fc.constantFrom<InvoiceUpdateState>('held', 'settled', 'canceled');

/** What a node can truthfully say of one invoice: its life, cut short anywhere, with one settlement at most. */
const lives = fc.constantFrom<readonly InvoiceUpdateState[]>(
  ['settled'],
  ['canceled'],
  ['held', 'settled'],
  ['held', 'canceled'],
);

describe('planForUpdate', () => {
  it('plans only what the table allows, in every state, for every update', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.constantFrom('optimistic' as const, 'pessimistic' as const),
        fc.boolean(),
        updates,
        fc.boolean(),
        (state, flow, performed, update, performable) => {
          const model = { ...start(flow), state, performed: performed || flow === 'optimistic' };
          expect(() => applyUpdate(model, update, performable)).not.toThrow();
        },
      ),
    );
  });

  it('doubled, dropped and reordered updates end in one terminal state with the money spent or refunded once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('optimistic' as const, 'pessimistic' as const),
        lives,
        fc.array(fc.nat(20), { maxLength: 8 }),
        fc.array(fc.constantFrom('deadline', 'cancel', 'created'), { maxLength: 6 }),
        fc.boolean(),
        (flow, life, order, ours, performable) => {
          let model = start(flow);
          let settledSeen = false;
          const last = life.at(-1) ?? 'canceled';
          // Any mixture of our own steps and updates; consumers see each settlement once (they dedupe by the invoice's row).
          const reported = order.map((n) => life[n % life.length] ?? last);
          for (const step of interleave(reported, ours)) {
            if (step === 'settled' && settledSeen) continue;
            settledSeen ||= step === 'settled';
            model = takeStep(model, step, performable);
          }
          // In the end the node is asked, and says what happened last.
          if (!(last === 'settled' && settledSeen)) model = applyUpdate(model, last, performable);
          expect(isTerminal(attemptMachine, model.state)).toBe(true);
          expect(model.terminals).toBe(1);
          expect(model.spent + model.refunded).toBe(last === 'settled' ? 1 : 0);
          expect(model.spent).toBe(model.state === 'PAID' ? 1 : 0);
          if (model.state === 'FAILED') expect(model.undone).toBe(model.performed);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

type Ours = 'deadline' | 'cancel' | 'created';

function takeStep(model: Model, step: InvoiceUpdateState | Ours, performable: boolean): Model {
  switch (step) {
    case 'deadline': {
      const { atDeadline }: StateRule<AttemptEvent, string, string> =
        attemptMachine.states[model.state];
      return atDeadline !== undefined && 'event' in atDeadline
        ? move(model, atDeadline.event)
        : model;
    }
    case 'cancel':
      return tryMove(model, 'cancel_requested');
    case 'created':
      return tryMove(model, model.hold ? 'hold_invoice_created' : 'invoice_created');
    default:
      return applyUpdate(model, step, performable);
  }
}

function tryMove(model: Model, event: AttemptEvent): Model {
  return nextState(attemptMachine, model.state, event) === undefined ? model : move(model, event);
}

function interleave<A, B>(a: readonly A[], b: readonly B[]): (A | B)[] {
  return Array.from({ length: Math.max(a.length, b.length) }).flatMap((_, i) => [
    ...a.slice(i, i + 1),
    ...b.slice(i, i + 1),
  ]);
}

describe('the rules of the states', () => {
  it('every open state has a deadline that leads on, or a call that does', () => {
    for (const state of states.filter((s) => !isTerminal(attemptMachine, s))) {
      const rule: StateRule<AttemptEvent, string, string> = attemptMachine.states[state];
      expect(rule.atDeadline ?? rule.call, state).toBeDefined();
    }
  });

  it('asks the node for nothing when it is over', () => {
    for (const state of states.filter((s) => isTerminal(attemptMachine, s))) {
      const rule: StateRule<AttemptEvent, string, string> = attemptMachine.states[state];
      expect([rule.call, rule.atDeadline]).toEqual([undefined, undefined]);
    }
  });

  it('no money that is held waits for a deadline of ours', () => {
    for (const state of [
      'HELD',
      'FORWARDING',
      'FORWARDED',
      'WITHDRAWING',
    ] satisfies AttemptState[]) {
      const rule: StateRule<AttemptEvent, string, string> = attemptMachine.states[state];
      expect(rule.atDeadline, state).toBeUndefined();
    }
  });

  it('its author cancels what waits for a payment, and nothing else: then the node decides', () => {
    const cancellable = states.filter(
      (state) => nextState(attemptMachine, state, 'cancel_requested') !== undefined,
    );
    expect(cancellable).toEqual(['INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD']);
    for (const state of cancellable) {
      expect(nextState(attemptMachine, state, 'cancel_requested')).toBe('CANCELLING');
    }
    const cancelling = { state: 'CANCELLING', performed: true, hold: false } as const;
    expect(planForUpdate(cancelling, 'canceled').events).toEqual(['canceled']);
    expect(planForUpdate(cancelling, 'settled').events).toEqual(['settled']);
    expect(planForUpdate(cancelling, 'held').events).toEqual([]);
  });

  it('a deadline is where nothing is held: it fails what was never shown, and asks about what was', () => {
    for (const state of states) {
      const { atDeadline }: StateRule<AttemptEvent, string, string> = attemptMachine.states[state];
      const waits = nextState(attemptMachine, state, 'cancel_requested') !== undefined;
      expect(atDeadline !== undefined, state).toBe(waits);
      if (atDeadline === undefined) continue;
      const shown = state === 'PENDING' || state === 'PENDING_HELD';
      expect('call' in atDeadline, state).toBe(shown);
      if ('event' in atDeadline) {
        expect(nextState(attemptMachine, state, atDeadline.event), state).toBeDefined();
      }
    }
  });

  it('what fails because of somebody or something says why', () => {
    for (const event of eventsOf('CANCELLING')) {
      expect(attemptMachine.transitions[event], event).toHaveProperty('reason');
    }
    // Of what the node canceled, the invoice's expiry tells.
    for (const event of eventsOf('FAILED').filter((event) => event !== 'canceled')) {
      expect(attemptMachine.transitions[event], event).toHaveProperty('reason');
    }
  });

  it('what is over stays as it is: nothing leads out of PAID or FAILED', () => {
    for (const { from } of Object.values(attemptMachine.transitions)) {
      expect(from.filter((state) => isTerminal(attemptMachine, state))).toEqual([]);
    }
  });
});

function eventsOf(to: AttemptState): AttemptEvent[] {
  // Object.keys forgets the type of a record's keys.
  const events = Object.keys(attemptMachine.transitions) as AttemptEvent[];
  return events.filter((event) => attemptMachine.transitions[event].to === to);
}

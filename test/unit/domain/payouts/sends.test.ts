import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answersOnlySend,
  FENCE_SECONDS,
  nextSendStep,
  type PaymentView,
  type Send,
  type SendStep,
} from '../../../../domain/payouts/sends.js';

interface WiredSend {
  answer: string | null;
  answeredAt: number;
  /** The request has not reached the node yet, and may at any time. */
  onItsWay: boolean;
}

/** A holder of the lease that has asked and has not yet acted upon it. */
interface Asked {
  readonly sends: number;
  readonly step: SendStep;
}

const EXPIRES_AT = 100;

/** A node as lnd is, calls that are late or lost, and holders of the lease that are paused between asking and acting. */
class Model {
  now = 0;
  view: PaymentView = 'not_found';
  successes = 0;
  givenBack = false;
  hasLostOthers = false;
  readonly sends: WiredSend[] = [];
  readonly asked: Asked[] = [];

  constructor(private readonly nodeLags: number) {}

  ask(): void {
    if (answersOnlySend(this.sends.map(this.#told), this.view)) this.#answer(0, this.view);
    this.#decide(this.view, false);
  }

  /** Another node stands where that one was, and shows what it likes. */
  askAnother(view: PaymentView): void {
    this.#decide(view, true);
  }

  #decide(view: PaymentView, otherNode: boolean): void {
    const expired = this.now >= EXPIRES_AT + FENCE_SECONDS;
    const sends = this.sends.map(this.#told);
    this.asked.push({
      sends: this.sends.length,
      step: nextSendStep({ sends, view, expired, otherNode, hasLostOthers: this.hasLostOthers }),
    });
  }

  act(index: number): void {
    const [asked] = this.asked.splice(index % Math.max(1, this.asked.length), 1);
    // The lease is current only for the newest, and what was decided on fewer sends decides nothing.
    if (asked?.sends !== this.sends.length || this.givenBack) return;
    if (asked.step === 'send') {
      this.sends.push({ answer: null, answeredAt: this.now, onItsWay: true });
    }
    if (asked.step === 'fail') this.givenBack = true;
  }

  deliver(index: number, answered: boolean, failsAtOnce = false): void {
    const at = index % Math.max(1, this.sends.length);
    const send = this.sends[at];
    if (send?.onItsWay !== true) return;
    send.onItsWay = false;
    let answer = this.#receive();
    if (answer === 'in_flight' && failsAtOnce) answer = this.view = 'failed';
    if (answered) this.#answer(at, answer);
  }

  /** Nodes delete failed payments. */
  deleteFailed(): void {
    if (this.view === 'failed') this.view = 'not_found';
  }

  /**
   * By an operator: also what has succeeded. What is on its way then is started once more, whatever we do; so is what a holder sends that
   * has asked before.
   */
  deleteAll(): void {
    if (this.sends.some(({ onItsWay }) => onItsWay) || this.view === 'in_flight') return;
    const mayYetSend = ({ sends, step }: Asked): boolean =>
      step === 'send' && sends === this.sends.length;
    if (this.asked.some(mayYetSend)) return;
    this.view = 'not_found';
    this.hasLostOthers = true;
  }

  end(succeeds: boolean): void {
    if (this.view !== 'in_flight') return;
    this.view = succeeds ? 'succeeded' : 'failed';
    if (succeeds) this.successes += 1;
  }

  #receive(): string {
    if (this.now - this.nodeLags > EXPIRES_AT) return 'invoice_expired';
    if (this.view === 'in_flight' || this.view === 'succeeded') return 'already_exists';
    this.view = 'in_flight';
    return 'in_flight';
  }

  #answer(at: number, answer: string): void {
    const send = this.sends[at];
    if (send === undefined) return;
    send.answer = answer;
    send.answeredAt = this.now;
  }

  readonly #told = ({ answer, answeredAt }: WiredSend): Send => ({
    answer,
    answeredSeconds: this.now - answeredAt,
  });
}

const event = fc.oneof(
  { weight: 4, arbitrary: fc.constant((model: Model) => model.ask()) },
  { weight: 4, arbitrary: fc.nat(5).map((n) => (model: Model) => model.act(n)) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(5), fc.boolean(), fc.boolean()).map(
      ([n, answered, fails]) =>
        (model: Model) =>
          model.deliver(n, answered, fails),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.constant((model: Model) => {
      model.ask();
      model.act(model.asked.length - 1);
    }),
  },
  { weight: 3, arbitrary: fc.constant((model: Model) => model.end(false)) },
  { weight: 1, arbitrary: fc.constant((model: Model) => model.end(true)) },
  { weight: 1, arbitrary: fc.constant((model: Model) => model.deleteFailed()) },
  { weight: 1, arbitrary: fc.constant((model: Model) => model.deleteAll()) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<PaymentView>('not_found', 'failed')
      .map((view) => (model: Model) => model.askAnother(view)),
  },
  {
    weight: 1,
    arbitrary: fc.nat(90).map((seconds) => (model: Model) => {
      model.now += seconds;
    }),
  },
);

describe('sends', () => {
  it('never gives back what was paid or can still be paid, in any order of events', () => {
    let gaveBack = 0;
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.integer({ min: -300, max: 300 }),
        (events, nodeLags) => {
          const model = new Model(nodeLags);
          for (const happens of events) happens(model);
          gaveBack += model.givenBack ? 1 : 0;
          // Whatever is still on its way arrives, and every payment that it starts succeeds.
          model.sends.forEach((_, index) => model.deliver(index, true));
          model.end(true);
          expect(model.successes).toBeLessThanOrEqual(1);
          expect(model.givenBack && model.successes > 0).toBe(false);
        },
      ),
      { numRuns: 5_000 },
    );
    expect(gaveBack).toBeGreaterThan(100);
  });

  const unanswered: Send = { answer: null, answeredSeconds: 0 };
  const answered = (answer: string, answeredSeconds = 0): Send => ({ answer, answeredSeconds });

  it.each<[string, Send[], PaymentView | undefined, boolean, SendStep]>([
    ['the first send needs no question', [], undefined, false, 'send'],
    ['who takes over asks first', [unanswered], undefined, false, 'ask'],
    ['a lost send is made again', [unanswered], 'not_found', false, 'send'],
    ['one that did not reach the node too', [answered('unavailable')], 'not_found', false, 'send'],
    ['FAILED counts once all are answered', [answered('in_flight')], 'failed', false, 'fail'],
    ['and not before', [unanswered, answered('in_flight')], 'failed', false, 'wait'],
    ['expired: the node is made to say so', [unanswered], 'failed', true, 'send'],
    [
      'fenced a second too short',
      [unanswered, answered('invoice_expired', 59)],
      'failed',
      true,
      'wait',
    ],
    ['fenced', [unanswered, answered('invoice_expired', 60)], 'failed', true, 'fail'],
    ['refused for good', [answered('self_payment')], 'not_found', false, 'fail'],
    ['a failed one that was deleted has failed', [answered('failed')], 'not_found', true, 'fail'],
    [
      'and not while another may start it',
      [unanswered, answered('failed')],
      'not_found',
      false,
      'wait',
    ],
    ['one that was begun is forgotten', [answered('in_flight')], 'not_found', true, 'alarm'],
    [
      'so is one that existed',
      [unanswered, answered('already_exists')],
      'not_found',
      true,
      'alarm',
    ],
    ['and it is not sent again', [answered('in_flight'), unanswered], 'not_found', true, 'alarm'],
    ['success is booked whatever else', [unanswered, unanswered], 'succeeded', true, 'book'],
  ])('%s', (_, sends, view, expired, step) => {
    const hasLostOthers = false;
    expect(nextSendStep({ sends, view, expired, otherNode: false, hasLostOthers })).toBe(step);
  });

  it.each<[string, Send[], PaymentView, SendStep]>([
    ['a send without an answer may have been paid', [unanswered], 'not_found', 'alarm'],
    ['so may one of several', [answered('failed'), unanswered], 'not_found', 'alarm'],
    [
      'also when the node refuses its invoice as expired',
      [unanswered, answered('invoice_expired', 60)],
      'not_found',
      'alarm',
    ],
    ['those that have failed were deleted as failed', [answered('failed')], 'not_found', 'fail'],
    ['what was not sent is sent', [answered('unavailable')], 'not_found', 'send'],
    ['what the node knows counts', [unanswered], 'succeeded', 'book'],
  ])('where the node has lost other payments: %s', (_, sends, view, step) => {
    expect(
      nextSendStep({ sends, view, expired: true, otherNode: false, hasLostOthers: true }),
    ).toBe(step);
  });

  it.each<PaymentView | undefined>(['not_found', 'failed', 'succeeded', undefined])(
    'nothing that another node says counts: %s',
    (view) => {
      for (const sends of [[], [unanswered], [answered('failed')]]) {
        const situation = { sends, view, expired: true, otherNode: true, hasLostOthers: false };
        expect(nextSendStep(situation)).toBe('alarm');
      }
    },
  );
});

import fc from 'fast-check';
import type { PaymentHash } from '../../../../adapters/lightning/port.js';
import { expect } from 'vitest';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import type { Wrapping } from './wrapping.helper.js';
import { Withdrawing } from './withdrawing.helper.js';

type Fault = 'none' | 'answer_lost' | 'unavailable' | 'paused';

const fault = fc.constantFrom<Fault>('none', 'answer_lost', 'unavailable', 'paused', 'paused');

/** What may happen to a payment that leaves, in any order. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('send' as const, 'settle' as const), fault }),
  },
  { weight: 2, arbitrary: fc.constant({ what: 'resume' } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('decide' as const),
      outcome: fc.constantFrom(
        'succeed' as const,
        'fail' as const,
        'hang' as const,
        'fail' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ what: 'deliver' } as const) },
);

export const schedule = fc.record({
  wrapped: fc.boolean(),
  happenings: fc.array(happening, { minLength: 2, maxLength: 14 }),
});
type Schedule = typeof schedule extends fc.Arbitrary<infer S> ? S : never;

/** Processes that send, some of which are paused between the row of their send and the socket. */
class Processes {
  readonly #paused: (() => void)[] = [];
  readonly #calls: Promise<unknown>[] = [];

  constructor(
    private readonly at: Wrapping,
    private readonly hash: PaymentHash,
  ) {}

  /** Resolves when the call has ended, or is paused. */
  async call(kind: 'send_payment' | 'settle_invoice', how: Fault): Promise<void> {
    const { node, engine } = this.at.fixture;
    node.heal();
    node.before.clear();
    let stopped = new Promise<void>(() => undefined);
    if (how === 'paused') {
      stopped = new Promise((stop) => {
        node.before.set(
          'sendPayment',
          () =>
            new Promise<void>((resume) => {
              this.#paused.push(resume);
              stop();
            }),
        );
      });
    } else if (how !== 'none') node.failNext('sendPayment', how);
    const call = makeCall(engine, kind, this.hash).catch((error: unknown) => error);
    this.#calls.push(call);
    await Promise.race([call, stopped]);
  }

  resume(): void {
    this.#paused.shift()?.();
  }

  async resumeAll(): Promise<void> {
    this.at.fixture.node.heal();
    this.at.fixture.node.before.clear();
    while (this.#paused.length > 0) this.resume();
    await Promise.all(this.#calls);
  }
}

let runs = 0;

/** One payment in that order of events; at the end everything that was late arrives. Never a payout beside a refund, never two. */
export async function runSchedule(
  at: Wrapping,
  { wrapped, happenings }: Schedule,
): Promise<string> {
  runs += 1;
  const { fixture } = at;
  const wallet = `scheduled-${runs}`;
  const { actionId, hash, payee } = await (wrapped ? openWrapped(at, wallet) : openWithdrawal(at));
  const before = await at.received(payee);
  const processes = new Processes(at, hash);
  for (const happens of happenings) {
    if (happens.what === 'send') await processes.call('send_payment', happens.fault);
    else if (happens.what === 'settle') await processes.call('settle_invoice', happens.fault);
    else if (happens.what === 'resume') processes.resume();
    else if (happens.what === 'decide') await fixture.wallets.decide(payee, hash, happens.outcome);
    else await fixture.deliver();
  }
  await processes.resumeAll();
  await fixture.wallets.decide(payee, hash, 'succeed');
  await fixture.deliver();
  for (let calls = 0; calls < 4; calls += 1) {
    await processes.call('settle_invoice', 'none');
    await processes.call('send_payment', 'none');
  }
  await fixture.deliver();
  const { state } = await fixture.view(actionId);
  const paidOut = (await at.received(payee)) - before;
  const once = wrapped ? 700_000n : 100_000n;
  expect([state, paidOut]).toEqual(state === 'PAID' ? ['PAID', once] : [state, 0n]);
  expect(await fixture.count(`legs where action_id = $1 and kind = 'LOSS'`, [actionId])).toBe(0);
  return state;
}

interface Scheduled {
  readonly actionId: string;
  readonly hash: PaymentHash;
  readonly payee: string;
}

async function openWrapped(at: Wrapping, wallet: string): Promise<Scheduled> {
  const { itemId } = await at.payee(wallet);
  at.outcomes.set(wallet, 'hang');
  const view = await at.zap(itemId);
  await at.fixture.pay(view);
  await at.fixture.deliver();
  return { actionId: view.id, hash: at.hashOf(view), payee: wallet };
}

async function openWithdrawal(at: Wrapping): Promise<Scheduled> {
  const withdrawing = await Withdrawing.on(at.fixture, `scheduled-${runs}`);
  const { hash, bolt11 } = await withdrawing.invoice(100_000n, 'hang');
  const { view } = await withdrawing.open(await withdrawing.rich(), bolt11);
  return { actionId: view.id, hash, payee: 'payee' };
}

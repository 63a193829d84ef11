import fc from 'fast-check';
import type { PaymentHash } from '../../../../adapters/lightning/port.js';
import { expect } from 'vitest';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { OtherNode } from './other-node.helper.js';
import { passTime } from './passing-time.helper.js';
import { type Account, Withdrawing } from './withdrawing.helper.js';
import { Wrapping } from './wrapping.helper.js';

type Fault = 'none' | 'answer_lost' | 'request_lost' | 'unavailable' | 'paused';

const fault = fc.constantFrom<Fault>(
  ...(['none', 'answer_lost', 'request_lost', 'unavailable', 'paused', 'paused'] as const),
);

/** What may happen to a payment that leaves, in any order. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('send' as const, 'settle' as const), fault }),
  },
  { weight: 2, arbitrary: fc.constant({ what: 'resume' } as const) },
  // Two holders at the same moment.
  { weight: 2, arbitrary: fc.constant({ what: 'together' } as const) },
  // A call that finds another node.
  { weight: 1, arbitrary: fc.constant({ what: 'elsewhere' } as const) },
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
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('pass' as const),
      // Invoices last for ten minutes or an hour.
      seconds: fc.constantFrom(61, 700, 4_000),
      // The node's clock is another one.
      nodeSeconds: fc.constantFrom(0, 61, 700, 4_000, 4_000),
    }),
  },
);

export const schedule = fc.record({
  wrapped: fc.boolean(),
  /** Of {@link TO_THE_FENCE}, with which some begin. */
  begin: fc.constantFrom<number>(0, 0, 3, 5, 7),
  happenings: fc.array(happening, { minLength: 2, maxLength: 14 }),
});
type Schedule = typeof schedule extends fc.Arbitrary<infer S> ? S : never;
type Happening = Schedule['happenings'][number];

/**
 * The shortest way to a failure that counts by the fence alone: one send is paused before the socket, another one fails, the node refuses a
 * third as expired, and a minute later none can start it.
 */
const TO_THE_FENCE: readonly Happening[] = [
  { what: 'decide', outcome: 'fail' },
  { what: 'send', fault: 'paused' },
  { what: 'send', fault: 'none' },
  { what: 'pass', seconds: 4_000, nodeSeconds: 4_000 },
  { what: 'send', fault: 'none' },
  { what: 'pass', seconds: 61, nodeSeconds: 61 },
  { what: 'send', fault: 'none' },
];

/** Both kinds of payment, to the fence and on. */
export const FENCED: readonly [Schedule][] = [true, false].map((wrapped) => [
  { wrapped, begin: TO_THE_FENCE.length, happenings: [{ what: 'deliver' }, { what: 'deliver' }] },
]);

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

  /** Several that nothing holds up. */
  async together(): Promise<void> {
    this.at.fixture.node.heal();
    this.at.fixture.node.before.clear();
    const kinds = ['send_payment', 'settle_invoice', 'send_payment', 'settle_invoice'] as const;
    await Promise.all(
      kinds.map((kind) => makeCall(this.at.fixture.engine, kind, this.hash).catch(() => undefined)),
    );
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

/** What schedules run on: a payee with a wallet, an account with sats, and a node that is not the right one. */
export class ScheduleWorld {
  readonly wallet = 'scheduled';

  private constructor(
    readonly at: Wrapping,
    readonly other: OtherNode,
    readonly itemId: string,
    readonly withdrawing: Withdrawing,
    readonly saver: Account,
  ) {}

  static async create(): Promise<ScheduleWorld> {
    const at = await Wrapping.create();
    const { itemId } = await at.payee('scheduled');
    at.outcomes.set('scheduled', 'hang');
    const withdrawing = await Withdrawing.on(at.fixture, 'scheduled');
    const saver = await withdrawing.rich(1_000_000_000_000n);
    return new ScheduleWorld(at, await OtherNode.create(), itemId, withdrawing, saver);
  }

  async close(): Promise<void> {
    await this.at.fixture.close();
    await this.other.close();
  }
}

/**
 * One payment in that order of events; at the end everything that was late arrives. Never a payout beside a refund, never two. Gives how it
 * ended: `PAID`, `FAILED`, or `FAILED, fenced` where a send was not answered when it failed.
 */
export async function runSchedule(
  world: ScheduleWorld,
  { wrapped, begin, happenings }: Schedule,
): Promise<string> {
  const { at } = world;
  const { fixture } = at;
  fixture.node.sendsAheadMs = 0;
  const opened = await (wrapped ? openWrapped(world) : openWithdrawal(world));
  const { actionId, hash, payee } = opened;
  const before = await at.received(payee);
  const processes = new Processes(at, hash);
  const first = TO_THE_FENCE.slice(0, begin).map((step) => firstSendOf(step, wrapped));
  for (const happens of [...first, ...happenings]) await take(world, processes, opened, happens);
  const fenced = await fixture.count(
    `payments p where hash = $1 and state = 'failed' and exists (select from sends where hash = p.hash and answer is null)`,
    [hash],
  );
  await processes.resumeAll();
  await fixture.wallets.decide(payee, hash, 'succeed');
  await end(at, processes, opened);
  const { state } = await fixture.view(actionId);
  const paidOut = (await at.received(payee)) - before;
  const once = wrapped ? 700_000n : 100_000n;
  expect([state, paidOut]).toEqual(state === 'PAID' ? ['PAID', once] : ['FAILED', 0n]);
  expect(await fixture.count(`legs where action_id = $1 and kind = 'LOSS'`, [actionId])).toBe(0);
  return fenced > 0 ? `${state}, fenced` : state;
}

/** The first send of a wrapped payment is that of whoever sees that the money is held. */
function firstSendOf(step: Happening, wrapped: boolean): Happening {
  const isFirst = step.what === 'send' && step.fault === 'paused';
  return wrapped && isFirst ? { ...step, what: 'settle' } : step;
}

async function take(
  { at, other }: ScheduleWorld,
  processes: Processes,
  { hash, payee }: Scheduled,
  happens: Happening,
): Promise<void> {
  const { fixture } = at;
  switch (happens.what) {
    case 'send':
      return processes.call('send_payment', happens.fault);
    case 'settle':
      return processes.call('settle_invoice', happens.fault);
    case 'resume':
      processes.resume();
      return;
    case 'together':
      return processes.together();
    case 'elsewhere':
      other.replace(fixture.node);
      await processes.call('send_payment', 'none').finally(() => other.bringBack());
      return;
    case 'decide':
      await fixture.wallets.decide(payee, hash, happens.outcome);
      return;
    case 'pass':
      return passTime(fixture, hash, happens.seconds, happens.nodeSeconds);
    case 'deliver':
      return fixture.deliver();
  }
}

/** Calls until nothing is open; what is waited for until an invoice has expired, ends when it has. */
async function end(
  at: Wrapping,
  processes: Processes,
  { actionId, hash }: Scheduled,
): Promise<void> {
  const { fixture } = at;
  const call = async (): Promise<void> => {
    await processes.call('settle_invoice', 'none');
    await processes.call('send_payment', 'none');
  };
  for (const seconds of [0, 4_000, 61]) {
    await passTime(fixture, hash, seconds, seconds);
    await fixture.deliver();
    for (let calls = 0; calls < 3 && !(await isOver(at, actionId)); calls += 1) await call();
    if (await isOver(at, actionId)) break;
  }
  // Once more, when it is over.
  await call();
  await fixture.makeCalls({ actionId, attempt: 1 }).catch(() => undefined);
  await fixture.deliver();
}

async function isOver({ fixture }: Wrapping, actionId: string): Promise<boolean> {
  const over = `attempts where action_id = $1 and state in ('PAID', 'FAILED')`;
  return (await fixture.count(over, [actionId])) === 1;
}

interface Scheduled {
  readonly actionId: string;
  readonly hash: PaymentHash;
  readonly payee: string;
}

async function openWrapped({ at, itemId, wallet }: ScheduleWorld): Promise<Scheduled> {
  const view = await at.zap(itemId);
  await at.fixture.pay(view);
  await at.fixture.deliver();
  return { actionId: view.id, hash: at.hashOf(view), payee: wallet };
}

async function openWithdrawal({ withdrawing, saver }: ScheduleWorld): Promise<Scheduled> {
  const { hash, bolt11 } = await withdrawing.invoice(100_000n, 'hang');
  const { view } = await withdrawing.open(saver, bolt11);
  return { actionId: view.id, hash, payee: 'payee' };
}

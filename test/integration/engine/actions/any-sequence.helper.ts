import fc from 'fast-check';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { grantCredits } from '../../../../engine/credits/grant.js';
import { transact } from '../../../../engine/context.js';
import type { Payment } from '../../../../domain/actions/plan-payment.js';
import type { InvoiceUpdateState } from '../../../../domain/invoices/machine.js';
import { LightningError } from '../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../domain/money.js';
import { Refusal } from '../../../../domain/refusal.js';
import { giveSats, holderOf, type Person, retry } from './bugs/bugs.helper.js';
import { type ActionFixture, ANONYMOUS, zapOf } from './fixture.helper.js';

/** Who pays: all by credits, some by credits and sats, by invoice, and without an account. */
type Payer = 'rich' | 'mixed' | 'poor' | 'anonymous';
const PAYERS = ['rich', 'mixed', 'poor', 'anonymous'] as const satisfies Payer[];
const TOUCHES = ['pay', 'overpay', 'deadline', 'drive', 'cancel', 'node closes'] as const;
const CALLS = ['createInvoice', 'settleInvoice', 'cancelInvoice', 'lookupInvoice'] as const;
const FAULTS = ['unavailable', 'answer_lost'] as const;
const UPDATES = ['held', 'settled', 'canceled'] as const satisfies InvoiceUpdateState[];

export type Happening =
  | { readonly do: 'open'; readonly payer: Payer; readonly sats: number; readonly post: boolean }
  | { readonly do: 'touch'; readonly how: (typeof TOUCHES)[number]; readonly which: number }
  | { readonly do: 'retry'; readonly payment: Payment; readonly which: number }
  /** What the node says of any attempt's invoice, again, early, or long after. */
  | {
      readonly do: 'tell';
      readonly which: number;
      readonly attempt: number;
      readonly update: InvoiceUpdateState;
    }
  | {
      readonly do: 'fault';
      readonly fault: (typeof FAULTS)[number];
      readonly call: (typeof CALLS)[number];
    }
  /** Money for an attempt that has failed: a node that took it after all. */
  | {
      readonly do: 'late';
      readonly which: number;
      readonly attempt: number;
      readonly moreMsat: bigint;
    }
  | { readonly do: 'deliver' | 'lose' | 'grant' };

const which = fc.nat(5);

export const chaos: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    do: fc.constant('open' as const),
    payer: fc.constantFrom(...PAYERS),
    sats: fc.integer({ min: 1, max: 12 }),
    post: fc.boolean(),
  }),
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('touch' as const),
      how: fc.constantFrom(...TOUCHES),
      which,
    }),
  },
  fc.record({
    do: fc.constant('retry' as const),
    payment: fc.constantFrom<Payment>('auto', 'credits', 'invoice'),
    which,
  }),
  fc.record({
    do: fc.constant('tell' as const),
    which,
    attempt: fc.nat(3),
    update: fc.constantFrom(...UPDATES),
  }),
  fc.record({
    do: fc.constant('fault' as const),
    fault: fc.constantFrom(...FAULTS),
    call: fc.constantFrom(...CALLS),
  }),
  fc.record({
    do: fc.constant('late' as const),
    which,
    attempt: fc.nat(3),
    moreMsat: fc.constantFrom(0n, 7_000n, 100_000n),
  }),
  fc.record({ do: fc.constantFrom('deliver' as const, 'lose' as const, 'grant' as const) }),
);

interface Action {
  readonly id: string;
  readonly caller: Caller;
}

/** People and actions of one run, on a database that runs share. */
export class Chaos {
  readonly #actions: Action[] = [];
  #grants = 0;

  private constructor(
    private readonly fixture: ActionFixture,
    private readonly payers: Readonly<Record<Exclude<Payer, 'anonymous'>, Person>>,
    private readonly itemId: string,
  ) {}

  static async begin(fixture: ActionFixture, name: string): Promise<Chaos> {
    const author = await fixture.account(`${name}-author`);
    const itemId = await fixture.paidPost(author);
    const mixed = await fixture.account(`${name}-mixed`, 3_700n);
    await giveSats(fixture, mixed, 2_400n);
    const rich = await fixture.account(`${name}-rich`, 10_000_000n);
    const poor = await fixture.account(`${name}-poor`);
    const chaos = new Chaos(fixture, { rich, mixed, poor }, itemId);
    // Some that wait for an invoice from the first step on.
    for (const payer of ['mixed', 'poor', 'anonymous'] as const) {
      await chaos.take({ do: 'open', payer, sats: 10, post: false });
    }
    return chaos;
  }

  /** Refusals, and a node that does not answer, are expected; any other error is a defect. */
  async take(step: Happening): Promise<void> {
    try {
      await this.#take(step);
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof LightningError)) throw error;
    }
  }

  async #take(step: Happening): Promise<void> {
    switch (step.do) {
      case 'open':
        return this.#open(step);
      case 'fault':
        this.fixture.node.failNext(step.call, step.fault);
        return;
      case 'deliver':
        return this.fixture.deliver();
      case 'lose':
        return this.fixture.lose();
      case 'grant':
        return this.#grant();
      default: {
        const action = this.#actions[step.which % Math.max(1, this.#actions.length)];
        if (action !== undefined) await this.#touch(step, action);
      }
    }
  }

  async #open({ payer, sats, post }: Happening & { do: 'open' }): Promise<void> {
    const caller = payer === 'anonymous' ? ANONYMOUS : this.payers[payer];
    const opened = await this.fixture.open(caller, post ? {} : zapOf(this.itemId, sats));
    const owner = payer === 'anonymous' ? holderOf(opened) : caller;
    this.#actions.push({ id: opened.view.id, caller: owner });
  }

  /** Enough that a retry may be paid by it. */
  async #grant(): Promise<void> {
    const { poor, mixed } = this.payers;
    const key = `${poor.name}/${(this.#grants += 1)}`;
    const grant = { accountId: poor.id, amountMsat: toMsat(4_500n), key };
    await transact(this.fixture.engine, (tx) => grantCredits(tx, grant));
    await giveSats(this.fixture, mixed, BigInt(5_000 + this.#grants));
  }

  async #touch(
    step: Extract<Happening, { readonly which: number }>,
    { id, caller }: Action,
  ): Promise<void> {
    const { fixture } = this;
    if (step.do === 'retry') {
      await retry(fixture, id, caller, step.payment);
      return;
    }
    const view = await fixture.view(id);
    if (step.do === 'tell') {
      const hash = view.attempts[step.attempt % view.attempts.length]?.invoice?.hash;
      return hash === undefined ? undefined : this.#tell(hash, step.update);
    }
    if (step.do === 'late') return this.#payLate(view, step);
    switch (step.how) {
      case 'pay':
      case 'overpay':
        return this.#pay(view, step.how === 'pay' ? 0n : 2_000n);
      case 'deadline':
        return fixture.passDeadline(id);
      case 'drive':
        await fixture.drive(id);
        return;
      case 'cancel':
        await cancelAction(fixture.engine, { actionId: id, caller });
        return;
      case 'node closes': {
        const hash = view.attempts.at(-1)?.invoice?.hash;
        if (hash !== undefined) await fixture.node.cancelInvoice(hash);
        return;
      }
    }
  }

  /** Any attempt's invoice may still be open at the node; the newest that was shown is paid. */
  async #pay({ attempts }: ActionView, moreMsat: bigint): Promise<void> {
    const invoice = attempts.findLast(({ invoice: of }) => typeof of?.bolt11 === 'string')?.invoice;
    if (typeof invoice?.bolt11 !== 'string') return;
    const amountMsat = toMsat(invoice.amountMsat + moreMsat);
    // A payment that cannot be made is no defect of ours.
    await this.fixture.wallets
      .pay({ wallet: 'payer', bolt11: invoice.bolt11, amountMsat })
      .catch(() => undefined);
  }

  async #payLate(
    { attempts }: ActionView,
    { attempt, moreMsat }: Happening & { do: 'late' },
  ): Promise<void> {
    const { state, invoice } = attempts[attempt % attempts.length] ?? {};
    if (state !== 'FAILED' || invoice === null || invoice === undefined) return;
    const receivedMsat = toMsat(invoice.amountMsat + moreMsat);
    await this.fixture.report({ hash: invoice.hash, state: 'settled', receivedMsat });
  }

  /** Only what is true, or was before: messages come late, twice and in any order. */
  async #tell(hash: string, update: InvoiceUpdateState): Promise<void> {
    const events = await this.fixture.node.eventsAfter(0n, 100_000);
    const told = events.find(
      (event) => event.type === 'invoice' && event.hash === hash && event.state === update,
    );
    if (told?.type !== 'invoice') return;
    await this.fixture.report({ hash, state: update, receivedMsat: told.receivedMsat });
  }

  /** The node answers again, messages are delivered, and all that waits for a deadline gets it. */
  async settleDown(): Promise<void> {
    const { fixture } = this;
    fixture.node.heal();
    await fixture.deliver();
    for (const { id } of this.#actions) {
      for (const { attempt } of (await fixture.view(id)).attempts) {
        await fixture.drive(id, attempt);
        await fixture.passDeadline(id);
        await fixture.drive(id, attempt);
      }
      await fixture.deliver();
    }
  }

  get #ids(): string[] {
    return this.#actions.map(({ id }) => id);
  }

  /** Attempts that are not over. */
  open(): Promise<unknown[]> {
    return this.#rows(
      `select action_id, attempt, state from attempts
       where action_id = any($1::uuid[]) and state not in ('PAID', 'FAILED')`,
    );
  }

  /** Attempts whose legs, per asset, do not say where all that came in has gone. */
  unbalanced(): Promise<unknown[]> {
    return this.#rows(
      `select payable, asset, reserved_msat from payable_books where action_id = any($1::uuid[]) and reserved_msat <> 0`,
    );
  }

  /** Invoices that the node has settled and whose money is in no leg, or in too many. */
  unspentAtNode(): Promise<unknown[]> {
    return this.#rows(
      `select i.hash from lightning_sim.invoices n join invoices i on i.hash = n.hash
       where i.action_id = any($1::uuid[]) and n.state = 'settled' and n.received_msat <>
         (select coalesce(sum(l.actual_msat), 0) from legs l where l.hash = i.hash)`,
    );
  }

  async #rows(sql: string): Promise<unknown[]> {
    return (await this.fixture.pool.query<Record<string, unknown>>(sql, [this.#ids])).rows;
  }
}

import { newOrderSchema, type StoredOrder } from '../orders/order.js';
import type { SimulatedStore } from '../simulated-store.js';
import { addBusinessSeconds } from './business-hours.js';
import type { ScenarioPlan } from './plan.js';
import { Draws } from './random-life.js';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

interface Life {
  readonly plan: ScenarioPlan;
  readonly draws: Draws;
}

/** Plays the life of a store: every step is an entry of the agenda, so that ticks or the clock drive it. */
export class Scenario {
  /** Entries of an earlier run do nothing. */
  #run = 0;
  #placed = 0;

  constructor(private readonly store: SimulatedStore) {}

  get placed(): number {
    return this.#placed;
  }

  start(plan: ScenarioPlan): void {
    this.stop();
    const start = this.store.clock.now();
    for (const { afterDays, ids } of plan.imports) {
      this.#at(start + Math.round(afterDays * DAY), () => void this.store.orders.takeIds(ids));
    }
    this.#nextVisit(plan, 0, start, start + plan.days * DAY);
  }

  /** What was placed stays as it is. */
  stop(): void {
    this.#run += 1;
  }

  #nextVisit(plan: ScenarioPlan, visit: number, after: number, end: number): void {
    const draws = new Draws(plan.seed, visit);
    const at = after + draws.exponential(DAY / plan.ordersPerDay);
    if (at >= end) return;
    this.#at(Math.floor(at), () => {
      this.#visit({ plan, draws }, visit);
      this.#nextVisit(plan, visit + 1, at, end);
    });
  }

  #visit(life: Life, visit: number): void {
    const { plan, draws } = life;
    const { orders } = this.store;
    if (draws.happens(plan.otherIds)) orders.takeIds(1 + Math.floor(draws.between(0, 3)));
    const total = draws.between(5, 250).toFixed(2);
    const kind = draws.share();
    const abandoned = kind < plan.abandoned;
    const viaDraft = !abandoned && kind < plan.abandoned + plan.viaDraft;
    const onHold = draws.happens(plan.onHold);
    const request = newOrderSchema.parse({
      status: abandoned || viaDraft ? 'checkout-draft' : 'pending',
      createdVia: abandoned || viaDraft ? 'store-api' : 'checkout',
      paymentMethod: onHold ? 'bacs' : 'stripe',
      total,
      email: `customer${visit}@example.com`,
      items: [{ name: 'Ticket', total, meta: [{ key: 'participant', value: `Guest ${visit}` }] }],
    });
    const order = orders.place(request);
    if (!abandoned && !viaDraft) {
      this.#ordered(order, life, onHold);
      return;
    }
    // Typing into the checkout saves the draft, which is announced as an update.
    this.#after(draws.between(5, MINUTE), order, () => orders.save(order));
    if (!viaDraft) return;
    const hesitation = draws.happens(0.1) ? draws.between(HOUR, 20 * HOUR) : draws.between(70, 900);
    this.#after(hesitation, order, () => {
      orders.setStatus(order, 'pending');
      this.#ordered(order, life, onHold);
    });
  }

  #ordered(order: StoredOrder, { plan, draws }: Life, onHold: boolean): void {
    const { orders } = this.store;
    this.#placed += 1;
    if (draws.happens(plan.unpaid)) {
      const status = draws.happens(0.5) ? 'failed' : 'cancelled';
      this.#after(draws.between(MINUTE, HOUR), order, () => orders.setStatus(order, status));
      return;
    }
    const paid = (): void => {
      orders.pay(order);
      this.#handled(order, { plan, draws });
    };
    if (!onHold) {
      this.#after(draws.exponential(30), order, paid);
      return;
    }
    this.#after(1, order, () => {
      orders.setStatus(order, 'on-hold');
      this.#afterWork(draws.logNormal(16 * HOUR, 0.5), plan, order, paid);
    });
  }

  #handled(order: StoredOrder, { plan, draws }: Life): void {
    const { orders } = this.store;
    const { medianHours, sigma } = plan.handling;
    const refunded = draws.happens(plan.refunded);
    const trashed = !refunded && draws.happens(plan.trashed);
    this.#afterWork(draws.logNormal(medianHours * HOUR, sigma), plan, order, () => {
      orders.setStatus(order, 'completed');
      if (trashed) this.#after(draws.between(HOUR, DAY), order, () => orders.trash(order));
      if (!refunded) return;
      this.#after(draws.between(HOUR, 5 * DAY), order, () => {
        orders.refund(order, draws.happens(0.5) ? order.total : '1.00', draws.happens(0.5));
      });
    });
  }

  #afterWork(seconds: number, plan: ScenarioPlan, order: StoredOrder, work: () => void): void {
    const { clock, zone } = this.store;
    const now = clock.now();
    this.#after(addBusinessSeconds(now, seconds, plan.hours, zone) - now, order, work);
  }

  /** Unless the order has been deleted meanwhile, as old drafts are. */
  #after(seconds: number, order: StoredOrder, work: () => void): void {
    this.#at(this.store.clock.now() + Math.max(1, Math.round(seconds)), () => {
      if (this.store.orders.get(order.id) === order) work();
    });
  }

  #at(due: number, work: () => void): void {
    const run = this.#run;
    this.store.agenda.add(due, () => {
      if (run === this.#run) this.store.request(work);
    });
  }
}

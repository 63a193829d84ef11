import { seededRandom } from '../lightning/faults/random.js';
import { Agenda } from './agenda.js';
import { StoreClock } from './clock.js';
import { FaultSwitches } from './faults.js';
import { OrderBook, type OrderEvent } from './orders/order-book.js';
import type { StoredOrder } from './orders/order.js';
import type { StoreSettings } from './settings.js';
import { type SiteTime, SiteZone } from './site-time.js';
import { Deliveries } from './webhooks/deliveries.js';
import { DeliveryLog } from './webhooks/delivery-log.js';
import { DeliveryQueue } from './webhooks/queue.js';
import { WebhookList } from './webhooks/webhook-list.js';

/** Runners of the queue at once. */
const RUNNERS = 5;
const DAY = 86_400;

/** A WooCommerce store in memory. */
export class SimulatedStore {
  readonly clock: StoreClock;
  readonly zone: SiteZone;
  readonly agenda = new Agenda();
  readonly faults = new FaultSwitches();
  readonly log = new DeliveryLog();
  readonly orders: OrderBook;
  readonly webhooks: WebhookList;
  readonly deliveries: Deliveries;
  readonly queue: DeliveryQueue;
  #collected: { readonly event: OrderEvent; readonly order: StoredOrder }[] | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(readonly settings: StoreSettings) {
    const { zone, at, rate, seed, queueSeconds } = settings;
    this.clock = new StoreClock((at?.getTime() ?? Date.now()) / 1000, rate);
    this.zone = new SiteZone(zone);
    const now = (): SiteTime => this.zone.time(this.clock.now());
    this.orders = new OrderBook({
      ...settings,
      draftsAreCreated: settings.storage === 'posts',
      now,
      emit: (event, order) => this.#emit(event, order),
    });
    this.webhooks = new WebhookList(now);
    const { agenda, faults, log } = this;
    this.deliveries = new Deliveries({
      settings,
      faults,
      log,
      now,
      order: (id) => this.orders.get(id),
      webhook: (id) => this.webhooks.get(id),
    });
    const random = seededRandom(seed);
    this.queue = new DeliveryQueue({
      agenda,
      faults,
      now: () => this.clock.now(),
      waitSeconds: () =>
        queueSeconds.min + Math.floor(random() * (queueSeconds.max - queueSeconds.min + 1)),
      deliver: (job) => this.deliveries.deliver(job),
    });
    this.#removeDraftsDaily();
  }

  /** One request to the site: its events become jobs at its end, one per webhook and order. */
  request<T>(work: () => T): T {
    const collected: { readonly event: OrderEvent; readonly order: StoredOrder }[] = [];
    this.#collected = collected;
    try {
      return work();
    } finally {
      this.#collected = undefined;
      this.#enqueue(collected);
    }
  }

  /** As an import that writes to the tables does: nobody is told. */
  silently<T>(work: () => T): T {
    this.#collected = [];
    try {
      return work();
    } finally {
      this.#collected = undefined;
    }
  }

  /** Runs what is due by the clock. */
  catchUp(): Promise<void> {
    return this.#inTurn(() => this.#runUntil(() => this.clock.target()));
  }

  /** Moves the clock on, and runs what becomes due, each at its own time. */
  advance(seconds: number): Promise<void> {
    return this.#inTurn(async () => {
      const until = this.clock.target() + seconds;
      await this.#runUntil(() => until);
      this.clock.set({ at: until });
    });
  }

  /** Moves the clock on until no job waits. */
  async drain(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#runUntil(() => (this.queue.size > 0 ? Infinity : -1));
      this.clock.set({ at: Math.max(this.clock.now(), this.clock.target()) });
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#running.then(work);
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  async #runUntil(until: () => number): Promise<void> {
    try {
      for (;;) {
        const due = this.agenda.nextDue();
        if (due === undefined || due > until()) return;
        this.clock.pin(due);
        const works = this.agenda.take(due, RUNNERS);
        await Promise.all(works.map(async (work) => work()));
      }
    } finally {
      this.clock.unpin();
    }
  }

  #emit(event: OrderEvent, order: StoredOrder): void {
    if (this.#collected === undefined) this.#enqueue([{ event, order }]);
    else this.#collected.push({ event, order });
  }

  /** Drafts of the administration are not announced; those of the checkout are. */
  #enqueue(events: readonly { readonly event: OrderEvent; readonly order: StoredOrder }[]): void {
    for (const { event, order } of events) {
      if (['draft', 'auto-draft', 'new'].includes(order.status)) continue;
      for (const { id, topic, status } of this.webhooks.all()) {
        if (status !== 'active' || topic !== `order.${event}`) continue;
        this.queue.add({ webhookId: id, topic, orderId: order.id });
      }
    }
  }

  #removeDraftsDaily(): void {
    this.agenda.add(this.clock.now() + DAY, () => {
      this.orders.removeDrafts(this.clock.now() - DAY);
      this.#removeDraftsDaily();
    });
  }
}

import type { SiteTime } from '../site-time.js';
import { isDraft, type NewOrder, type StoredOrder } from './order.js';

/** What webhooks of orders are about. */
export type OrderEvent = 'created' | 'updated' | 'deleted' | 'restored';

export interface OrderBookOptions {
  readonly firstId: bigint;
  readonly numberPrefix?: string;
  /** Announces drafts as orders. */
  readonly draftsAreCreated: boolean;
  readonly now: () => SiteTime;
  readonly emit: (event: OrderEvent, order: StoredOrder) => void;
}

/** The orders of a store, and the counter of ids that they share with everything else on the site. */
export class OrderBook {
  readonly #orders = new Map<bigint, StoredOrder>();
  #nextId: bigint;
  #nextNumber = 1;
  #nextItem = 1;

  constructor(private readonly options: OrderBookOptions) {
    this.#nextId = options.firstId;
  }

  get(id: bigint): StoredOrder | undefined {
    return this.#orders.get(id);
  }

  all(): StoredOrder[] {
    return [...this.#orders.values()];
  }

  /** Ids used up by posts, products, images or rolled-back inserts: the first and the last one. */
  takeIds(count: number): { readonly first: bigint; readonly last: bigint } {
    const first = this.#nextId;
    this.#nextId += BigInt(count);
    return { first, last: this.#nextId - 1n };
  }

  place(request: NewOrder): StoredOrder {
    const now = this.options.now();
    const { first: id } = this.takeIds(1);
    const { numberPrefix } = this.options;
    const number = numberPrefix === undefined ? String(id) : `${numberPrefix}${this.#nextNumber++}`;
    const items = request.items.map((item) => ({ ...item, id: this.#nextItem++ }));
    const order: StoredOrder = {
      ...request,
      id,
      number,
      items,
      createdAt: now,
      modifiedAt: now,
      paidAt: undefined,
      completedAt: undefined,
      statuses: [{ status: request.status, since: now }],
      statusBeforeTrash: undefined,
      refunds: [],
    };
    this.#orders.set(id, order);
    this.#stampStatus(order, now);
    if (!isDraft(order.status)) this.#emit(order, 'created', 'updated');
    else if (this.options.draftsAreCreated) this.#emit(order, 'created');
    return order;
  }

  setStatus(order: StoredOrder, status: string): void {
    const leavesDraft = isDraft(order.status) && !isDraft(status);
    const now = this.#move(order, status);
    this.#stampStatus(order, now);
    if (leavesDraft && !this.options.draftsAreCreated) this.#emit(order, 'created');
    this.#emit(order, 'updated');
  }

  pay(order: StoredOrder): void {
    this.setStatus(order, order.needsProcessing ? 'processing' : 'completed');
  }

  /** Anything saved that changes no status. */
  save(order: StoredOrder): void {
    this.touch(order);
    this.#emit(order, 'updated');
  }

  /** Opened in the administration: the date moves and nobody is told. */
  touch(order: StoredOrder): void {
    order.modifiedAt = this.options.now();
  }

  /** A refund is a post of its own, with an id of its own. */
  refund(order: StoredOrder, total: string, full: boolean): bigint {
    const { first: id } = this.takeIds(1);
    order.refunds = [...order.refunds, { id, reason: '', total: `-${total}` }];
    if (full) this.setStatus(order, 'refunded');
    else this.save(order);
    return id;
  }

  deleteRefund(order: StoredOrder): void {
    order.refunds = order.refunds.slice(0, -1);
    this.save(order);
  }

  trash(order: StoredOrder): void {
    order.statusBeforeTrash = order.status;
    this.#move(order, 'trash');
    this.#emit(order, 'deleted');
  }

  restore(order: StoredOrder): void {
    this.#move(order, order.statusBeforeTrash ?? 'pending');
    order.statusBeforeTrash = undefined;
    this.#emit(order, 'restored');
  }

  /** For good; nobody is told. */
  remove(order: StoredOrder): void {
    this.#orders.delete(order.id);
  }

  /** The daily job: at most twenty drafts that nobody has touched since. */
  removeDrafts(untouchedSince: number): number {
    const old = this.all()
      .filter(({ status, modifiedAt }) => {
        return status === 'checkout-draft' && modifiedAt.seconds < untouchedSince;
      })
      .slice(0, 20);
    for (const order of old) this.remove(order);
    return old.length;
  }

  #move(order: StoredOrder, status: string): SiteTime {
    const now = this.options.now();
    if (status !== order.status) order.statuses = [...order.statuses, { status, since: now }];
    order.status = status;
    order.modifiedAt = now;
    return now;
  }

  #stampStatus(order: StoredOrder, now: SiteTime): void {
    const { status } = order;
    // Cash on delivery is paid when it is completed.
    const paid =
      status === 'completed' || (status === 'processing' && order.paymentMethod !== 'cod');
    if (paid) order.paidAt ??= now;
    if (status === 'completed') order.completedAt = now;
  }

  #emit(order: StoredOrder, ...events: readonly OrderEvent[]): void {
    for (const event of events) this.options.emit(event, order);
  }
}

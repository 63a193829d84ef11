import type { OrderSnapshot } from '../../domain/intake/order-snapshot.js';

/**
 * What a store answered. `not_found`: the store says that there is no such object (for an order: also a post,
 * a refund or an order deleted for good). `refused`: the store understood and will not do it (status 400, 401 or 403);
 * asking again changes nothing until a person changes something. `unavailable`: nothing is known of the object;
 * ask again later, not before `retryAfterMs` has passed where it is given.
 */
export type StoreAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly code: string; readonly status: number }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number };

/** All bounds are exclusive and in whole seconds, as the store compares them: overlap windows. */
export interface OrderQuery {
  readonly modifiedAfter?: Date;
  readonly modifiedBefore?: Date;
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  /** Only these ids, at most 100. */
  readonly include?: readonly bigint[];
  /** Default: every core status, drafts and trash. Those that the store does not know are left out. */
  readonly statuses?: readonly string[];
  /** Ascending. By id is stable while orders are modified. */
  readonly orderBy: 'id' | 'modified';
  /** From 1. */
  readonly page: number;
  /** 1 to 100. */
  readonly perPage: number;
}

export interface OrderPage {
  readonly orders: readonly OrderSnapshot[];
  /** Entries that are no readable order. A watermark must not pass them. */
  readonly unreadable: readonly UnreadableOrder[];
  readonly page: number;
  /** 0 when nothing matches. */
  readonly pages: number;
  readonly total: number;
  /** Statuses that were asked for and that the store does not know. */
  readonly unknownStatuses: readonly string[];
}

export interface UnreadableOrder {
  /** When at least the id could be read. */
  readonly id?: bigint;
  readonly problem: string;
  /** JSON as received, shortened. */
  readonly raw: string;
}

export interface StoreWebhook {
  readonly id: bigint;
  readonly name: string;
  /** active, paused or disabled. */
  readonly status: string;
  /** As in `order.updated`. */
  readonly topic: string;
  readonly deliveryUrl: string;
  /** Moves with the outcome of every delivery. Undefined when the store gives none. */
  readonly modifiedAt?: Date;
}

export interface NewStoreWebhook {
  readonly name: string;
  readonly topic: string;
  readonly deliveryUrl: string;
  /** Letters and digits only: the store decodes HTML entities in a secret before it signs. */
  readonly secret: string;
}

export interface StoreWebhookChange {
  readonly status?: 'active' | 'paused' | 'disabled';
  readonly deliveryUrl?: string;
  readonly secret?: string;
}

/** The REST API of one WooCommerce store. No call throws for what the store or the network does. */
export interface StoreApi {
  order(id: bigint): Promise<StoreAnswer<OrderSnapshot>>;
  orders(query: OrderQuery): Promise<StoreAnswer<OrderPage>>;
  webhooks(): Promise<StoreAnswer<readonly StoreWebhook[]>>;
  /** Needs a key that may write. The store sends an unsigned ping to the URL before it answers. */
  createWebhook(webhook: NewStoreWebhook): Promise<StoreAnswer<StoreWebhook>>;
  /** Needs a key that may write. */
  updateWebhook(id: bigint, change: StoreWebhookChange): Promise<StoreAnswer<StoreWebhook>>;
  /** For good. Needs a key that may write. */
  deleteWebhook(id: bigint): Promise<StoreAnswer<StoreWebhook>>;
}

import { z } from 'zod';
import type { SiteTime } from '../site-time.js';

export const lineItemSchema = z.object({
  name: z.string(),
  productId: z.int().default(93),
  quantity: z.number().default(1),
  total: z.string().default('10.00'),
  meta: z.array(z.object({ key: z.string(), value: z.unknown() })).default([]),
});

/** What a person or a program orders. */
export const newOrderSchema = z.object({
  status: z.string().default('pending'),
  createdVia: z.string().default('checkout'),
  paymentMethod: z.string().default('stripe'),
  currency: z.string().default('EUR'),
  total: z.string().default('10.00'),
  email: z.string().default('customer@example.com'),
  firstName: z.string().default('Ada'),
  lastName: z.string().default('Lovelace'),
  items: z.array(lineItemSchema).default([]),
  meta: z.array(z.object({ key: z.string(), value: z.unknown() })).default([]),
  /** False: all items are virtual and downloadable, so that payment completes the order. */
  needsProcessing: z.boolean().default(true),
});

export type NewOrder = z.output<typeof newOrderSchema>;

export interface StoredItem extends z.output<typeof lineItemSchema> {
  readonly id: number;
}

export interface StoredOrder extends Omit<NewOrder, 'items'> {
  readonly id: bigint;
  readonly number: string;
  readonly items: readonly StoredItem[];
  readonly createdAt: SiteTime;
  modifiedAt: SiteTime;
  paidAt: SiteTime | undefined;
  completedAt: SiteTime | undefined;
  status: string;
  /** Each status it has had, and since when. */
  statuses: readonly { readonly status: string; readonly since: SiteTime }[];
  /** To which it is restored from the trash. */
  statusBeforeTrash: string | undefined;
  refunds: readonly { readonly id: bigint; readonly reason: string; readonly total: string }[];
}

/** Statuses in which an order is not yet one. */
export function isDraft(status: string): boolean {
  return ['auto-draft', 'draft', 'checkout-draft', 'new'].includes(status);
}

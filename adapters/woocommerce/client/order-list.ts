import { z } from 'zod';
import { formatLossless } from '../../../domain/intake/lossless-json.js';
import { type OrderSnapshot, readOrder } from '../../../domain/intake/order-snapshot.js';
import type { OrderPage, OrderQuery, UnreadableOrder } from '../port.js';
import type { StoreJson } from './read-answer.js';

/** `any` would leave out drafts and trash, so every status is named. */
export const KNOWN_STATUSES = [
  ...['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed'],
  ...['checkout-draft', 'auto-draft', 'trash'],
] as const;

const MAX_RAW = 2_000;

/** Times are those of the store's GMT columns: without `dates_are_gmt` it compares local ones. */
export function listParameters(
  query: OrderQuery,
  statuses: readonly string[],
): Record<string, string> {
  const bounds = {
    modified_after: query.modifiedAfter,
    modified_before: query.modifiedBefore,
    after: query.createdAfter,
    before: query.createdBefore,
  };
  const times = Object.entries(bounds).flatMap(([name, at]) =>
    at === undefined ? [] : [[name, at.toISOString().slice(0, 19)] as const],
  );
  return {
    ...Object.fromEntries(times),
    ...(query.include === undefined ? {} : { include: query.include.join(',') }),
    dates_are_gmt: 'true',
    status: statuses.join(','),
    orderby: query.orderBy,
    order: 'asc',
    page: String(query.page),
    per_page: String(query.perPage),
  };
}

const count = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

/** Undefined when it is no list, or does not say how long it is: its end would be a guess. */
export function readPage(
  { json, headers }: StoreJson,
  page: number,
): Omit<OrderPage, 'unknownStatuses'> | undefined {
  const members = z.array(z.unknown()).safeParse(json);
  const total = count.safeParse(headers.get('x-wp-total'));
  const pages = count.safeParse(headers.get('x-wp-totalpages'));
  if (!members.success || !total.success || !pages.success) return undefined;
  const orders: OrderSnapshot[] = [];
  const unreadable: UnreadableOrder[] = [];
  for (const member of members.data) {
    const read = readOrder(member);
    if (!('problem' in read)) orders.push(read);
    else {
      unreadable.push({
        ...('id' in read && read.id !== null ? { id: read.id } : {}),
        problem: `${read.problem}: ${read.detail}`,
        raw: formatLossless(member).slice(0, MAX_RAW),
      });
    }
  }
  return { orders, unreadable, page, pages: pages.data, total: total.data };
}

import { z } from 'zod';
import { orderJson } from '../orders/order-json.js';
import type { StoredOrder } from '../orders/order.js';
import { invalidParameter, type RestAnswer } from '../rest-error.js';
import type { SimulatedStore } from '../simulated-store.js';
import type { SiteTime } from '../site-time.js';
import { pageOf, wholeNumberIn } from './paging.js';

const CORE_STATUSES = [
  ...['any', 'trash', 'pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded'],
  ...['failed', 'checkout-draft', 'auto-draft'],
];
/** What a search leaves out unless it names them. */
const UNLISTED = new Set(['trash', 'checkout-draft', 'auto-draft']);

const ORDERINGS = {
  id: (order: StoredOrder) => order.id,
  include: (order: StoredOrder) => order.id,
  date: (order: StoredOrder) => BigInt(order.createdAt.seconds),
  modified: (order: StoredOrder) => BigInt(order.modifiedAt.seconds),
};
const orderings = z.enum(['id', 'include', 'date', 'modified']);

/** `GET /orders`. */
export function listOrders(store: SimulatedStore, query: URLSearchParams): RestAnswer {
  const wrong = unknownStatus(store, query) ?? unknownOrdering(query) ?? wrongDate(query);
  if (wrong !== undefined) return wrong;
  const ordering = ORDERINGS[orderings.parse(query.get('orderby') ?? 'date')];
  const sign = query.get('order') === 'asc' ? 1 : -1;
  const found = store.orders
    .all()
    .filter((order) => matches(order, query))
    .sort((one, other) => {
      const [left, right] = [ordering(one), ordering(other)];
      if (left !== right) return left < right ? -sign : sign;
      return one.id < other.id ? -sign : sign;
    });
  return pageOf(found, query, `${store.settings.homeUrl}wp-json/wc/v3/orders`, (order) =>
    fieldsOf(orderJson(order, store.settings.homeUrl), query),
  );
}

export function fieldsOf(json: Record<string, unknown>, query: URLSearchParams): unknown {
  const fields = list(query, '_fields').map((field) => field.split('.')[0]);
  if (fields.length === 0) return json;
  return Object.fromEntries(Object.entries(json).filter(([name]) => fields.includes(name)));
}

/** A list as WordPress reads it: separated by commas, or repeated with brackets. */
function list(query: URLSearchParams, name: string): string[] {
  const values = [...query].flatMap(([key, value]) =>
    key === name || (key.startsWith(`${name}[`) && key.endsWith(']')) ? value.split(',') : [],
  );
  return values.map((value) => value.trim()).filter((value) => value !== '');
}

function unknownStatus(
  { settings }: SimulatedStore,
  query: URLSearchParams,
): RestAnswer | undefined {
  const known = [...CORE_STATUSES, ...settings.statuses].filter(
    (status) => !settings.withoutStatuses.includes(status),
  );
  const position = list(query, 'status').findIndex((status) => !known.includes(status));
  if (position < 0) return undefined;
  return invalidParameter('status', `status[${position}] is not one of ${known.join(', ')}.`);
}

function unknownOrdering(query: URLSearchParams): RestAnswer | undefined {
  const given = query.get('orderby') ?? 'date';
  return orderings.safeParse(given).success
    ? undefined
    : invalidParameter('orderby', `orderby is not one of ${orderings.options.join(', ')}.`);
}

const BOUNDS = {
  after: (order: StoredOrder) => order.createdAt,
  before: (order: StoredOrder) => order.createdAt,
  modified_after: (order: StoredOrder) => order.modifiedAt,
  modified_before: (order: StoredOrder) => order.modifiedAt,
};

function wrongDate(query: URLSearchParams): RestAnswer | undefined {
  const wrong = Object.keys(BOUNDS).find((name) => {
    const given = query.get(name);
    return given !== null && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(given);
  });
  return wrong === undefined ? undefined : invalidParameter(wrong, 'Invalid date.');
}

/** Bounds are exclusive and compared with the site's local times unless `dates_are_gmt`. */
function matches(order: StoredOrder, query: URLSearchParams): boolean {
  const form: keyof Pick<SiteTime, 'gmt' | 'local'> =
    query.get('dates_are_gmt') === 'true' ? 'gmt' : 'local';
  const within = Object.entries(BOUNDS).every(([name, timeOf]) => {
    const bound = query.get(name)?.slice(0, 19);
    if (bound === undefined) return true;
    const time = timeOf(order)[form];
    return name.endsWith('after') ? time > bound : time < bound;
  });
  const include = list(query, 'include');
  const id = String(order.id);
  return (
    within &&
    statusMatches(order.status, list(query, 'status')) &&
    (include.length === 0 || include.includes(id)) &&
    !list(query, 'exclude').includes(id)
  );
}

/** `any` anywhere in the list stands for the whole list. */
function statusMatches(status: string, wanted: readonly string[]): boolean {
  if (wanted.length === 0 || wanted.includes('any')) return !UNLISTED.has(status);
  return wanted.includes(status);
}

/** What is wrong with the page that is asked for. */
export function wrongPage(query: URLSearchParams): RestAnswer | undefined {
  if (!wholeNumberIn(query.get('per_page'), 1, 100)) {
    return invalidParameter(
      'per_page',
      'per_page must be between 1 (inclusive) and 100 (inclusive)',
    );
  }
  if (!wholeNumberIn(query.get('page'), 1, Infinity)) {
    return invalidParameter('page', 'page must be greater than or equal to 1');
  }
  return undefined;
}

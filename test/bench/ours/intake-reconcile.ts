import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import type { OrderQuery, StoreApi } from '../../../adapters/woocommerce/port.js';
import { type OrderSnapshot, parseOrder } from '../../../domain/intake/order-snapshot.js';
import { reconcile } from '../../../engine/intake/checks/reconcile.js';
import type { IntakeContext } from '../../../engine/intake/context.js';
import { derivedStoreKeys } from '../../../engine/stored-secrets.js';
import { openStore } from '../../../engine/intake/stores/open-store.js';
import { connectTo, readStore } from '../../../engine/intake/stores/store.js';

/** So many orders are read by one run. */
const ORDERS = 2000;
const AGE_MS = 3_600_000;

/** Answers at once: what is measured is ours. */
class ListedOrders {
  constructor(private readonly all: readonly OrderSnapshot[]) {}

  orders({ modifiedAfter, statuses, page, perPage }: OrderQuery) {
    const found = statuses?.includes('any') === true ? this.all : [];
    const from = found.findIndex(({ modifiedAt }) => modifiedAt > (modifiedAfter ?? new Date(0)));
    const wanted = from === -1 ? [] : found.slice(from);
    const orders = wanted.slice((page - 1) * perPage, page * perPage);
    const pages = Math.ceil(wanted.length / perPage);
    const rest = { unreadable: [], unknownStatuses: [], page, pages, total: wanted.length };
    return Promise.resolve({ kind: 'ok' as const, value: { ...rest, orders } });
  }
}

/** Orders per second that a reconcile takes in from a store that answers at once; a new store each time. */
export async function reconciledPerSecond(
  pool: Pool,
  sample: string,
  round: number,
): Promise<number> {
  const context: IntakeContext = {
    ...{ pool, keys: derivedStoreKeys('the benchmark'), publicUrl: 'https://quittance.example' },
    outboxChanged: () => undefined,
    // Of the port a reconcile needs the list only.
    connect: () => new ListedOrders(listed) as unknown as StoreApi,
  };
  const text = await readFile(sample, 'utf8');
  const start = Date.now() - AGE_MS;
  const listed = Array.from({ length: ORDERS }, (_, n) => orderOf(text, n, start));
  const id = `reconciled-${round}`;
  await openStore(context, {
    ...{ id, url: 'https://shop.example', name: 'Shop', zone: 'UTC', secrets: [] },
    apiKey: { key: 'ck', secret: 'cs' },
  });
  await pool.query(
    `update stores set watermark = watermark - interval '2 hours', installed_at = installed_at - interval '2 hours' where id = $1`,
    [id],
  );
  const store = await readStore(pool, id);
  const check = { context, store, api: connectTo(context, store) };
  const startedAt = performance.now();
  const { changed } = await reconcile(check);
  const seconds = (performance.now() - startedAt) / 1000;
  if (changed < ORDERS - 100) throw new Error(`only ${changed} orders were taken in`);
  return changed / seconds;
}

function orderOf(text: string, n: number, start: number): OrderSnapshot {
  const order = parseOrder(text);
  if ('problem' in order) throw new Error(order.detail);
  const at = new Date(start + n * 1000);
  return { ...order, id: BigInt(n + 1), createdAt: at, modifiedAt: at };
}

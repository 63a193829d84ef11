import { addOrderInvoice } from '../../../../engine/transmissions/order-invoice.js';
import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createPool } from '../../../../db/pool.js';
import { type ApplyOutcome, type EngineContext, transact } from '../../../../engine/context.js';
import { applyInvoiceUpdate } from '../../../../engine/incoming/apply-invoice-update.js';
import {
  confirmOrder,
  findTransmitted,
} from '../../../../engine/transmissions/apply-confirmation.js';
import { cancelOrder, type CancelOutcome } from '../../../../engine/transmissions/end-order.js';
import type { OrderRow } from '../../../../engine/transmissions/order-row.js';
import { placeOrder, type PlacedOrder } from '../../../../engine/transmissions/open-order.js';
import { toMsat } from '../../../../domain/money.js';
import {
  ALL_REGIONS,
  REGION_NUMBERS,
  regionsToBits,
} from '../../../../domain/transmissions/regions.js';
import { startNext } from '../../../../engine/transmissions/start-next.js';
import { ENGINE_SETTINGS } from '../../../support/engine-settings.js';
import { migratedDatabase } from '../../../support/empty-database.js';
import { createTestNode, type TestNode } from './test-node.helper.js';

export interface Fixture {
  readonly engine: EngineContext;
  readonly node: TestNode;
  readonly pool: Pool;
  readonly url: string;
  close(): Promise<void>;
}

/** A migrated database of its own, with as many connections as the races need. */
export async function orderFixture(overrides: Partial<EngineContext> = {}): Promise<Fixture> {
  const database = await migratedDatabase();
  const pool = createPool({
    connectionString: database.url,
    max: 24,
    applicationName: 'quittance-test',
    onError: () => undefined,
  });
  const node = createTestNode();
  const engine: EngineContext = { pool, node, ...ENGINE_SETTINGS, ...overrides };
  return {
    engine,
    node,
    pool,
    url: database.url,
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

/** For the tests of a file; each begins without orders. */
export function useOrders(): Fixture {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await orderFixture();
  });
  beforeEach(() => forgetOrders(fixture));
  afterAll(() => fixture.close());
  return {
    get engine() {
      return fixture.engine;
    },
    get node() {
      return fixture.node;
    },
    get pool() {
      return fixture.pool;
    },
    get url() {
      return fixture.url;
    },
    close: () => fixture.close(),
  };
}

/** As after the migrations: no order was ever opened. */
export async function forgetOrders({ pool, node }: Fixture): Promise<void> {
  await pool.query(`
    set session_replication_role = replica;
    truncate orders, invoices, order_messages, confirmations, outbox, postings, entries cascade;
    set session_replication_role = default;
    update transmission_counter set last = 0`);
  node.invoices.clear();
}

export interface Wish {
  readonly bid?: number;
  readonly size?: number;
  readonly regions?: readonly number[];
}

/** An order as a request places it: pending, its invoice open at the node. */
export async function place(
  { engine }: Fixture,
  { bid = 1000, size = 10, regions }: Wish = {},
): Promise<PlacedOrder> {
  const placed = await placeOrder(engine, {
    channel: 1,
    message: randomBytes(size),
    bidMsat: toMsat(BigInt(bid)),
    regions: regions === undefined ? ALL_REGIONS : regionsToBits(regions),
  });
  if ('failed' in placed) throw new Error('the order has no invoice');
  return placed;
}

/** The node's word that the order's invoice is settled, as it arrives from outside. */
export function pay(fixture: Fixture, placed: PlacedOrder): Promise<ApplyOutcome> {
  fixture.node.settle(placed.invoice.hash);
  return reportSettled(fixture, placed);
}

export function reportSettled(
  { engine }: Fixture,
  { invoice }: Pick<PlacedOrder, 'invoice'>,
): Promise<ApplyOutcome> {
  const { hash, amountMsat: receivedMsat } = invoice;
  return transact(engine, (tx) =>
    applyInvoiceUpdate(engine, tx, { hash, state: 'settled', receivedMsat }),
  );
}

export async function placeAndPay(fixture: Fixture, wish: Wish = {}): Promise<string> {
  const placed = await place(fixture, wish);
  await pay(fixture, placed);
  return placed.order.id;
}

export function cancel({ engine }: Fixture, orderId: string): Promise<CancelOutcome> {
  return transact(engine, (tx) => cancelOrder(tx, orderId));
}

/** Confirmations of several regions in one message, as a host may send them. */
export function confirm(
  { engine }: Fixture,
  kind: 'tx' | 'rx',
  txSeqNum: number,
  regions: readonly number[] = REGION_NUMBERS,
): Promise<ApplyOutcome> {
  return transact(engine, async (tx) =>
    confirmOrder(tx, await findTransmitted(tx, { txSeqNum }), { kind, regions }),
  );
}

/** What every transaction that may have freed a channel does. */
export function startNextOf({ engine }: Fixture, number: number): Promise<OrderRow | undefined> {
  return transact(engine, async (tx) => {
    const { rows } = await tx.query<{ rate: number }>(
      'select rate_bytes_per_second as rate from channels where number = $1 for no key update',
      [number],
    );
    return startNext({ tx, number, rate: rows[0]?.rate ?? 0, awake: new Set() });
  });
}

export async function orderOf({ pool }: Pick<Fixture, 'pool'>, id: string): Promise<OrderRow> {
  const { rows } = await pool.query<OrderRow>('select * from orders where id = $1', [id]);
  const row = rows[0];
  if (row === undefined) throw new Error(`no order ${id}`);
  return row;
}

export async function stateOf(fixture: Fixture, id: string): Promise<string> {
  return (await orderOf(fixture, id)).state;
}

/** Its deadline has passed, as if time had. */
export async function passDeadline({ pool }: Fixture, id: string): Promise<void> {
  await pool.query(
    `update orders set deadline_at = clock_timestamp() - interval '1 second',
       due_at = clock_timestamp() - interval '1 second' where id = $1 and deadline_at is not null`,
    [id],
  );
}

export function inTx<T>({ engine }: Fixture, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  return transact(engine, work);
}

export async function rowsOf<R extends QueryResultRow>(
  { pool }: Fixture,
  sql: string,
  values: unknown[] = [],
): Promise<R[]> {
  return (await pool.query<R>(sql, values)).rows;
}

export interface TransmissionEvent {
  readonly subject: string;
  readonly payload: {
    uuid: string;
    status: string;
    regions: number[];
    attempt: number;
    tx_seq_num: number;
  };
}

/** Events on their way to NATS, in the order in which they will be published. */
export function eventsOf(fixture: Fixture): Promise<TransmissionEvent[]> {
  return rowsOf<TransmissionEvent>(
    fixture,
    `select subject, payload from outbox where kind = 'event' and subject like 'transmissions.%' order by id`,
  );
}

/** A second bid of an order, whose invoice nobody has seen. */
export async function addBid(
  { engine }: Fixture,
  orderId: string,
  amountMsat: bigint,
): Promise<string> {
  return transact(engine, async (tx) => {
    const bid = { orderId, n: 2, amountMsat: toMsat(amountMsat) };
    const { hash } = await addOrderInvoice(engine, tx, bid);
    await tx.query(`update invoices set state = 'open' where hash = $1`, [hash]);
    return hash;
  });
}

import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { type Msat, ZERO_MSAT } from '../../domain/money.js';
import { type Booking, entryOf, type Leg, payableId, readLegs, writeLegs } from '../ledger/legs.js';
import { postEntries } from '../ledger/post-entry.js';
import type { OrderRow } from './order-row.js';

/** The plan of a bid: an invoice brings it, and it is revenue once the order is sent. Legs of the n-th bid are 2n - 1 and 2n. */
export async function planBid(
  tx: ClientBase,
  bid: {
    readonly orderId: string;
    readonly n: number;
    readonly hash: string;
    readonly amountMsat: Msat;
  },
): Promise<void> {
  if (bid.amountMsat === ZERO_MSAT) return;
  const fixed = { asset: 'SATS', plannedMsat: bid.amountMsat, actualMsat: null } as const;
  await writeLegs(tx, [
    {
      payable: { orderId: bid.orderId },
      key: '',
      moved: [],
      added: [
        { ...fixed, ...INVOICE, n: 2 * bid.n - 1, hash: bid.hash },
        { ...fixed, ...REVENUE, n: 2 * bid.n },
      ],
    },
  ]);
}

const INVOICE = { side: 'in', kind: 'INVOICE', holder: { system: 'outside' } } as const;
const REVENUE = {
  side: 'out',
  kind: 'REVENUE',
  holder: { system: 'revenue' },
  hash: null,
} as const;
/** Money of somebody we cannot credit: what was paid for orders that were cancelled or have expired, or too late. */
const CLAIM = { side: 'refund', kind: 'CLAIM', holder: { system: 'claims' }, hash: null } as const;
/** Legs of claims are numbered from here, each by its bid's invoice leg. */
const FIRST_CLAIM = 1_000_000;

/** Books what a payer paid for an order, by the state the order has now: reserved until it is sent. */
export async function bookPayment(
  tx: ClientBase,
  order: OrderRow,
  hash: string,
  receivedMsat: Msat,
): Promise<void> {
  // An invoice over nothing, of a gateway.
  if (receivedMsat === ZERO_MSAT) return;
  const legs = await legsOf(tx, order);
  const invoice = legs.find((leg) => leg.hash === hash);
  if (invoice === undefined) throw new Error(`order ${order.id} has no leg of invoice ${hash}`);
  const paid = { ...invoice, actualMsat: receivedMsat };
  await book(tx, order, hash, [paid], isOver(order) ? 'owed' : 'reserved', legs);
}

/** Nothing more is bought by a payment: it is owed to whoever has the order's token. */
function isOver({ state, ended_at: endedAt }: OrderRow): boolean {
  return endedAt !== null || state === 'cancelled' || state === 'expired';
}

/** An order that is sent has earned what was paid for it. */
export async function earnPayments(tx: ClientBase, order: OrderRow): Promise<void> {
  const legs = await legsOf(tx, order);
  await book(tx, order, 'sent', [], 'earned', legs);
}

/** An order that ends unsent has not. */
export async function releasePayments(tx: ClientBase, order: OrderRow): Promise<void> {
  const legs = await legsOf(tx, order);
  await book(tx, order, 'unsent', [], 'owed', legs);
}

/** Moves legs that are paid now, and what becomes of all that is paid and reserved. */
async function book(
  tx: ClientBase,
  { id }: OrderRow,
  what: string,
  paid: readonly Leg[],
  becomes: 'reserved' | 'earned' | 'owed',
  legs: readonly Leg[],
): Promise<void> {
  const reserved = legs
    .map((leg) => paid.find(({ n }) => n === leg.n) ?? leg)
    .filter(({ side, actualMsat }) => side === 'in' && actualMsat !== null)
    .filter(({ n }) => !legs.some((leg) => leg.actualMsat !== null && isEndOf(leg, n)));
  const moved = reserved.flatMap(({ n, actualMsat }) =>
    legs.filter((leg) => leg.n === n + 1).map((leg) => ({ ...leg, actualMsat })),
  );
  const added = reserved.map(({ n, actualMsat }): Leg => {
    const fixed = { n: FIRST_CLAIM + n, asset: 'SATS', plannedMsat: null } as const;
    return { ...CLAIM, ...fixed, actualMsat };
  });
  const booking: Booking = {
    payable: { orderId: id },
    key: `order/${id}/${what}`,
    moved: [...paid, ...(becomes === 'earned' ? moved : [])],
    added: becomes === 'owed' ? added : [],
  };
  if (booking.moved.length + booking.added.length === 0) return;
  await pipeline([
    postEntries(tx, [entryOf(booking)]),
    writeLegs(tx, [booking]),
    openClaims(tx, id, booking.added),
  ]);
}

/** What became of the money that the n-th leg brought. */
function isEndOf(leg: Leg, n: number): boolean {
  return leg.n === n + 1 || leg.n === FIRST_CLAIM + n;
}

async function openClaims(tx: ClientBase, orderId: string, legs: readonly Leg[]): Promise<void> {
  if (legs.length === 0) return;
  await tx.query(
    'insert into claims (order_id, amount_msat) select $1, msat from unnest($2::bigint[]) msat',
    [orderId, legs.map(({ actualMsat }) => actualMsat)],
  );
}

async function legsOf(tx: ClientBase, { id }: OrderRow): Promise<readonly Leg[]> {
  const key = payableId({ orderId: id });
  return (await readLegs(tx, [key])).get(key) ?? [];
}

import type { Pool } from 'pg';
import type { Msat } from '../../domain/money.js';
import { bitsToRegions, REGIONS } from '../../domain/transmissions/regions.js';
import { findOrder, type OrderRow } from './order-row.js';

type Progress = 'no' | 'presumed' | 'confirmed';

export interface RegionProgress {
  readonly region: number;
  readonly name: string;
  readonly sent: Progress;
  readonly sentAt: Date | null;
  readonly received: Progress;
  readonly receivedAt: Date | null;
}

export interface BidInvoice {
  readonly hash: string;
  readonly amountMsat: Msat;
  readonly receivedMsat: Msat;
  readonly bolt11: string | null;
  readonly state: 'wanted' | 'open' | 'held' | 'settled' | 'canceled';
  readonly expiresAt: Date | null;
}

/** An order as its service sees it. */
export interface TransmissionView {
  readonly order: OrderRow;
  readonly regions: readonly RegionProgress[];
  readonly invoices: readonly BidInvoice[];
  /** To be collected with the order's token. */
  readonly owedMsat: bigint;
}

/** `orderId` must be a UUID. */
export async function readTransmission(
  pool: Pool,
  orderId: string,
): Promise<TransmissionView | undefined> {
  const order = await findOrder(pool, orderId);
  if (order === undefined) return undefined;
  const [regions, invoices, owedMsat] = await Promise.all([
    readProgress(pool, order),
    readInvoices(pool, orderId),
    readOwed(pool, orderId),
  ]);
  return { order, regions, invoices, owedMsat };
}

async function readProgress(pool: Pool, order: OrderRow): Promise<RegionProgress[]> {
  const { rows } = await pool.query<{
    kind: 'tx' | 'rx';
    region: number;
    presumed: boolean;
    at: Date;
  }>('select kind, region, presumed, at from confirmations where order_id = $1', [order.id]);
  return bitsToRegions(order.regions).map((region) => {
    const of = (kind: 'tx' | 'rx') =>
      rows.find((row) => row.kind === kind && row.region === region);
    const [sent, received] = [of('tx'), of('rx')];
    return {
      region,
      name: REGIONS.find(({ number }) => number === region)?.name ?? '',
      sent: progressOf(sent),
      sentAt: sent?.at ?? null,
      received: progressOf(received),
      receivedAt: received?.at ?? null,
    };
  });
}

function progressOf(confirmation: { readonly presumed: boolean } | undefined): Progress {
  if (confirmation === undefined) return 'no';
  return confirmation.presumed ? 'presumed' : 'confirmed';
}

async function readInvoices(pool: Pool, orderId: string): Promise<BidInvoice[]> {
  const { rows } = await pool.query<BidInvoice>(
    `select hash, amount_msat as "amountMsat", received_msat as "receivedMsat", bolt11, state, expires_at as "expiresAt"
     from invoices where order_id = $1 order by order_bid`,
    [orderId],
  );
  return rows;
}

async function readOwed(pool: Pool, orderId: string): Promise<bigint> {
  const { rows } = await pool.query<{ owed: bigint }>(
    `select coalesce(sum(amount_msat), 0)::bigint as owed from claims where order_id = $1 and state = 'open'`,
    [orderId],
  );
  return rows[0]?.owed ?? 0n;
}

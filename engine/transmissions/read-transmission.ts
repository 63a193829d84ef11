import type { Pool } from 'pg';
import type { AttemptState } from '../../domain/actions/machine.js';
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
  /** Payments of what was owed, to invoices; oldest first. */
  readonly withdrawals: readonly OwedWithdrawal[];
}

export interface OwedWithdrawal {
  /** Its action's. */
  readonly id: string;
  readonly state: AttemptState;
  readonly bolt11: string;
  readonly amountMsat: Msat;
  readonly maxFeeMsat: Msat;
  /** Null until it has succeeded. */
  readonly feeMsat: Msat | null;
  readonly preimage: string | null;
  readonly openedAt: Date;
}

/** `orderId` must be a UUID. */
export async function readTransmission(
  pool: Pool,
  orderId: string,
): Promise<TransmissionView | undefined> {
  const order = await findOrder(pool, orderId);
  if (order === undefined) return undefined;
  const [regions, invoices, owedMsat, withdrawals] = await Promise.all([
    readProgress(pool, order),
    readInvoices(pool, orderId),
    readOwed(pool, orderId),
    readWithdrawals(pool, orderId),
  ]);
  return { order, regions, invoices, owedMsat, withdrawals };
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
    `select (
       (select coalesce(sum(amount_msat), 0) from claims where order_id = $1 and state = 'open') +
       (select coalesce(sum(a.balance_msat), 0) from order_purses p
        join ledger_accounts a on a.owner = p.account_id and a.asset = 'SATS' where p.order_id = $1))::bigint as owed`,
    [orderId],
  );
  return rows[0]?.owed ?? 0n;
}

async function readWithdrawals(pool: Pool, orderId: string): Promise<OwedWithdrawal[]> {
  const { rows } = await pool.query<OwedWithdrawal>(
    `select s.id, t.state, y.bolt11, y.amount_msat as "amountMsat", y.max_fee_msat as "maxFeeMsat",
       y.fee_msat as "feeMsat", y.preimage, s.created_at as "openedAt"
     from order_purses p join actions s on s.actor = p.account_id
     join attempts t on t.action_id = s.id
     join payments y on y.action_id = t.action_id and y.attempt = t.attempt
     where p.order_id = $1 order by s.created_at, s.id`,
    [orderId],
  );
  return rows;
}

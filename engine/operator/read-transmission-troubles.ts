import type { Pool } from 'pg';

/** An order that was sent as often as it may be, and that a region has not confirmed. */
export interface GaveUp {
  readonly id: string;
  readonly channel: number;
  readonly txSeqNum: number;
  readonly retransmissions: number;
  readonly since: Date;
}

/** A call of a gateway after which an invoice may exist that nobody was shown, or money that nobody expected. */
export interface LooseInvoice {
  readonly hash: string;
  readonly orderId: string;
  readonly state: 'asked' | 'shown' | 'orphan';
  readonly id: string | null;
  readonly askedAt: Date;
  /** When the gateway told that it was paid all the same. */
  readonly lateAt: Date | null;
}

/** Calls that were made a moment ago may still be answered. */
const SETTLED_SECONDS = 30;

/** What of transmissions a person may want to look at, newest first. */
export async function readTransmissionTroubles(
  pool: Pool,
  limit: number,
): Promise<{ readonly gaveUp: GaveUp[]; readonly looseInvoices: LooseInvoice[] }> {
  const [gaveUp, looseInvoices] = await Promise.all([
    pool.query<GaveUp>(
      `select id, channel, tx_seq_num as "txSeqNum", retry_count as retransmissions, gave_up_at as since
       from orders where gave_up_at is not null and ended_at is null order by gave_up_at desc limit $1`,
      [limit],
    ),
    pool.query<LooseInvoice>(
      `select g.hash, i.order_id as "orderId", g.state, g.id, g.asked_at as "askedAt", g.late_at as "lateAt"
       from gateway_invoices g join invoices i on i.hash = g.hash
       where g.state in ('asked', 'orphan') and g.asked_at < now() - $2 * interval '1 second'
       order by g.asked_at desc limit $1`,
      [limit, SETTLED_SECONDS],
    ),
  ]);
  return { gaveUp: gaveUp.rows, looseInvoices: looseInvoices.rows };
}

import type { Pool } from 'pg';

/** Whose invoice a callback names. */
export type InvoiceMaker = 'gateway' | 'node';

export interface NamedInvoice {
  readonly maker: InvoiceMaker;
  /** Never changes. */
  readonly orderId: string;
}

/** The invoice of an order that a callback names; undefined where nobody has made it. */
export async function findNamed(pool: Pool, id: string): Promise<NamedInvoice | undefined> {
  const { rows } = await pool.query<NamedInvoice>(
    `select 'gateway' as maker, i.order_id as "orderId" from gateway_invoices g join invoices i on i.hash = g.hash where g.id = $1
     union all
     select 'node', order_id from invoices where hash = $1 and order_id is not null and gateway is null and bolt11 is not null
     limit 1`,
    [id],
  );
  return rows[0];
}

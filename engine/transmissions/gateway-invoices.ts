import type { Pool } from 'pg';

/** Whose invoice a callback names. */
export type InvoiceMaker = 'gateway' | 'node';

/** Who has made the invoice of an order that a callback names; undefined where nobody has. */
export async function makerOf(pool: Pool, id: string): Promise<InvoiceMaker | undefined> {
  const { rows } = await pool.query<{ maker: InvoiceMaker }>(
    `select 'gateway' as maker from gateway_invoices where id = $1
     union all
     select 'node' from invoices where hash = $1 and order_id is not null and gateway is null and bolt11 is not null
     limit 1`,
    [id],
  );
  return rows[0]?.maker;
}

import type { Pool } from 'pg';

/**
 * Throws while lots have not been made from a history that was brought in: balances would read as 0. A rebuild goes through the
 * addresses in their order, so the last one tells.
 */
export async function checkLotsFilled(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ ledger: string }>(
    `select last.ledger from unnest(array['actions', 'aleph']) as name(ledger) cross join lateral (
       select ledger, address from credit_history where ledger = name.ledger order by address desc limit 1) last
     where not exists (
       select from credit_accounts a where a.ledger = last.ledger and a.address = last.address
         and (a.granted > 0 or a.debit_at is not null))`,
  );
  const [unfilled] = rows;
  if (unfilled !== undefined) {
    throw new Error(
      `lots of ledger ${unfilled.ledger} are not made yet: quittance credits rebuild`,
    );
  }
}

import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';

/** Longer than any transaction may last: what began before is committed or gone. */
const SETTLED_MINUTES = 15;
/** Any fixed number: the table itself may be locked by its owner only. */
const ROLL_UP_LOCK = 7_421_842_006n;

/**
 * Sums the balances of system accounts up to the newest entry that nothing older can still precede; at most once a day. Gives whether it
 * did. Entries get their numbers when they are inserted, which may be in another order than their transactions begin or commit.
 */
export function rollUp(pool: Pool): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    // One at a time; the others find it done.
    await tx.query('select pg_advisory_xact_lock($1)', [ROLL_UP_LOCK]);
    const { rowCount } = await tx.query(
      `with last as (select max(through_entry) as entry, max(at) as at from ledger_rollups),
       settled as (
         select least(clock_timestamp() - $1 * interval '1 minute',
           (select min(xact_start) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())
         ) as before),
       through as (
         select max(e.id) as entry from entries e, settled, last
         where e.created_at < settled.before and e.id > coalesce(last.entry, 0)
           and coalesce(last.at < clock_timestamp() - interval '1 day', true))
       insert into ledger_rollups (ledger_account_id, through_entry, balance_msat)
       select b.id, through.entry, coalesce(r.balance_msat, 0) + coalesce((
         select sum(p.amount_msat) from postings p
         where p.ledger_account_id = b.id and p.entry_id > coalesce(r.through_entry, 0) and p.entry_id <= through.entry), 0)
       from through, ledger_accounts b
       left join lateral (
         select through_entry, balance_msat from ledger_rollups where ledger_account_id = b.id
         order by through_entry desc limit 1) r on true
       where b.system is not null and through.entry is not null`,
      [SETTLED_MINUTES],
    );
    return (rowCount ?? 0) > 0;
  });
}

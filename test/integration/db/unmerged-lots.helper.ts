import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Pool } from 'pg';
import { byHistory } from '../../../domain/credits/order.js';
import { type HistoryEntry, type Projection, replay } from '../../../domain/credits/replay.js';
import type { LedgerRules } from '../../../domain/credits/rules.js';
import { isoOfUs, type Us, usOfMs } from '../../../domain/credits/time.js';

const HOUR = 3_600_000_000n;
/** The rules of before: each grant is a lot. */
const UNMERGED: LedgerRules = { policies: [], mergesFromUs: null };

const amount = fc.bigInt({ min: 1n, max: 9n });
/** What happened to an account, an hour apart. `hours`: until the grant expires. */
const event = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('grant' as const), amount, hours: fc.constant(null) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ do: fc.constant('grant' as const), amount },
      hours: fc.bigInt({ min: 1n, max: 30n }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('debit' as const), amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refund' as const), nth: fc.nat(9) }) },
);
export const events = fc.array(event, { minLength: 1, maxLength: 20 });
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

type Entry = HistoryEntry & { readonly refundedDebit: string | null };

/** The history that a release without merging would have written; a debit that is not covered is left out. */
function historyOf(happened: readonly Event[], startUs: Us): readonly Entry[] {
  let history: readonly Entry[] = [];
  const refunded = new Set<string>();
  for (const [n, each] of happened.entries()) {
    const atUs = startUs + BigInt(n) * HOUR;
    const entry = {
      ref: `grant/${randomUUID()}`,
      index: 0,
      atUs,
      refundOf: null,
      refundedDebit: null,
    };
    switch (each.do) {
      case 'grant': {
        const expiresUs = each.hours === null ? null : atUs + each.hours * HOUR;
        history = [...history, { ...entry, amount: each.amount, expiresUs }];
        break;
      }
      case 'debit': {
        const after = [...history, { ...entry, amount: -each.amount, expiresUs: null }];
        if (replay(after, UNMERGED).shortfalls.length === 0) history = after;
        break;
      }
      case 'refund': {
        const debits = history.filter(({ ref, amount: of }) => of < 0n && !refunded.has(ref));
        const debit = debits[each.nth % Math.max(1, debits.length)];
        if (debit === undefined) break;
        refunded.add(debit.ref);
        const drains = replay(history, UNMERGED).drains.filter((d) => d.debit.ref === debit.ref);
        const rows = drains.map((drain, index): Entry => {
          const isOver = drain.expiresUs !== null && drain.expiresUs <= atUs;
          const expiresUs = isOver ? atUs + 10n * HOUR : null;
          const back = { refundOf: drain.lot, refundedDebit: debit.ref };
          return { ...entry, index, amount: drain.amount, expiresUs, ...back };
        });
        history = [...history, ...rows];
      }
    }
  }
  return history;
}

/** Writes an account as a release without merging would have: history, lots, drains and postings. Expiries are processed or not. */
export async function writeUnmerged(
  pool: Pool,
  happened: readonly Event[],
  processExpiries: boolean,
): Promise<string> {
  const id = randomUUID();
  const nowUs = usOfMs(BigInt(Date.now()));
  const history = historyOf(happened, nowUs - 24n * HOUR);
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('quittance.credits', 'engine', true)`);
    const query = (text: string, ...values: unknown[]): Promise<unknown> =>
      client.query(text, values);
    await query(
      `insert into accounts (id, name, role) values ($1::uuid, left($1::uuid::text, 30), 'user')`,
      id,
    );
    for (const row of history) await query(HISTORY, id, ...columnsOf(row));
    await writeLots(query, id, replay(history, UNMERGED), processExpiries ? nowUs : 0n);
    const newest = history.filter((row) => row.amount < 0n).sort(byHistory);
    await query(ACCOUNT, id, newest.at(-1)?.ref ?? null);
    await query(POSTINGS, id);
    await client.query('commit');
  } finally {
    client.release();
  }
  return id;
}

function columnsOf({ refundOf, refundedDebit, ...row }: Entry): unknown[] {
  const expires = row.expiresUs === null ? null : isoOfUs(row.expiresUs);
  const lot = [refundOf?.ref ?? null, refundOf?.index ?? null];
  const debit = [refundedDebit, refundedDebit === null ? null : 0];
  return [row.ref, row.index, row.amount, isoOfUs(row.atUs), expires, ...debit, ...lot];
}

const HISTORY = `
  insert into credit_history (ledger, address, credit_ref, credit_index, amount, at, expires_at, refund_debit_ref,
    refund_debit_index, refund_lot_ref, refund_lot_index)
  values ('actions', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

async function writeLots(
  query: (text: string, ...values: unknown[]) => Promise<unknown>,
  id: string,
  { lots, drains }: Projection,
  expiredUs: Us,
): Promise<void> {
  for (const lot of lots) {
    const isOver = lot.remaining === 0n || (lot.expiresUs !== null && lot.expiresUs <= expiredUs);
    const [table, left] = isOver ? ['credit_past_lots', 'expired'] : ['credit_lots', 'remaining'];
    const expires = lot.expiresUs === null ? null : isoOfUs(lot.expiresUs);
    await query(
      `insert into ${table} (ledger, address, credit_ref, credit_index, amount, ${left}, granted_at, expires_at)
       values ('actions', $1, $2, $3, $4, $5, $6, $7)`,
      ...[id, lot.ref, lot.index, lot.amount, lot.remaining, isoOfUs(lot.grantedUs), expires],
    );
  }
  for (const { debit, lot, amount: drained } of drains) {
    await query(
      `insert into credit_drains (ledger, address, debit_ref, debit_index, lot_ref, lot_index, amount)
       values ('actions', $1, $2, $3, $4, $5, $6)`,
      ...[id, debit.ref, debit.index, lot.ref, lot.index, drained],
    );
  }
}

const ACCOUNT = `
  update credit_accounts a set debit_ref = $2, debit_at = d.at, debit_index = d.credit_index,
    granted = (select coalesce(sum(amount), 0) from credit_history where address = $1 and amount > 0),
    returned_at = (select max(at) from credit_history where address = $1 and refund_debit_ref is not null),
    expired_at = (select max(expires_at) from credit_past_lots where address = $1 and expired > 0)
  from (select) one left join credit_history d on d.credit_ref = $2
  where a.ledger = 'actions' and a.address = $1`;

/** One entry for each reference, and one for what expired. */
const POSTINGS = `
  with moved as (
    select credit_ref as key, sum(amount)::bigint as msat, min(at) as at from credit_history where address = $1 group by 1
    union all
    select 'expired/' || address, -sum(expired)::bigint, now() from credit_past_lots where address = $1 and expired > 0
    group by address),
  entry as (insert into entries (key) select key from moved order by at returning id, key),
  account as (
    update ledger_accounts set balance_msat = (select coalesce(sum(msat), 0) from moved)
    where owner::text = $1 and asset = 'CREDITS' returning id)
  insert into postings (entry_id, ledger_account_id, amount_msat, balance_after_msat)
  select e.id, a.id, m.msat, sum(m.msat) over (order by e.id) from entry e join moved m using (key) cross join account a
  union all
  select e.id, s.id, -m.msat, null from entry e join moved m using (key)
  join ledger_accounts s on s.asset = 'CREDITS' and s.system = case when key like 'expired/%' then 'expired' else 'issued' end`;

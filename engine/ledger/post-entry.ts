import { type ClientBase, DatabaseError } from 'pg';
import type { Msat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';

export type Asset = 'CREDITS' | 'SATS';
export type SystemAccount =
  | 'outside'
  | 'backing'
  | 'promotion'
  | 'reserved'
  | 'revenue'
  | 'claims'
  | 'issued'
  | 'pool'
  | 'expired'
  | 'losses';
export type Holder = { readonly accountId: string } | { readonly system: SystemAccount };

/** A change of one holder's account: positive is received, negative is paid. */
export interface PostingLine {
  readonly holder: Holder;
  readonly asset: Asset;
  readonly amountMsat: Msat;
}

/** An entry of double entry; a key is posted only once. */
export interface Entry {
  readonly key: string;
  readonly lines: readonly PostingLine[];
}

/**
 * Posts one entry. Its lines must sum to zero per asset, or the transaction cannot commit. If it moves the credits of an account,
 * the transaction must hold the account's lock (lockCredits) and change its lots by the same amount, or it cannot commit either.
 * Lines of the same holder are added up; zero lines are left out. False when the key was posted before: nothing is written then.
 * Throws Refusal `action.insufficient_credits` when a balance would fall below zero.
 */
export async function postEntry(
  tx: ClientBase,
  key: string,
  lines: readonly PostingLine[],
): Promise<boolean> {
  const [posted] = await postEntries(tx, [{ key, lines }]);
  return posted === true;
}

/** {@link postEntry} for several keys in one statement; returns for each whether it was posted. */
export async function postEntries(tx: ClientBase, entries: readonly Entry[]): Promise<boolean[]> {
  const merged = entries.map(({ key, lines }) => ({ key, lines: mergeLines(lines) }));
  const written = await insertEntries(
    tx,
    merged.filter(({ lines }) => lines.length > 0),
  );
  const posted: boolean[] = [];
  for (const { key, lines } of merged) {
    const count = written.get(key) ?? 0;
    const isNew = count === lines.length;
    if (!isNew && (count > 0 || !(await isPosted(tx, key)))) {
      throw new Error(`entry ${key} names an account that does not exist`);
    }
    posted.push(isNew);
  }
  return posted;
}

async function isPosted(tx: ClientBase, key: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from postings where entry_id = (select id from entries where key = $1) limit 1',
    [key],
  );
  return rowCount === 1;
}

function mergeLines(lines: readonly PostingLine[]): PostingLine[] {
  const byAccount = new Map<string, { line: PostingLine; sum: bigint }>();
  for (const line of lines) {
    const id = `${JSON.stringify(line.holder)}/${line.asset}`;
    const sum = (byAccount.get(id)?.sum ?? 0n) + line.amountMsat;
    byAccount.set(id, { line, sum });
  }
  return [...byAccount.values()]
    .filter(({ sum }) => sum !== 0n)
    .map(({ line, sum }) => ({ ...line, amountMsat: sum as Msat }));
}

/** An account in several entries gets its balances in the order of the entries' ids, as if they were posted one by one. */
const INSERT = `
  with entry as (
    insert into entries (key) select key from unnest($1::text[]) as key
    on conflict (key) do nothing returning id, key),
  lines as (
    select entry.id as entry_id, line.*
    from unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::bigint[])
      as line(key, owner, system, asset, amount_msat)
    join entry on entry.key = line.key),
  users as (
    select l.entry_id, a.id, l.amount_msat from ledger_accounts a
    join lines l on l.owner = a.owner and l.asset = a.asset
    order by a.id for no key update of a),
  moved as (
    update ledger_accounts a set balance_msat = a.balance_msat + u.amount_msat
    from (select id, sum(amount_msat)::bigint as amount_msat from users group by id) u where a.id = u.id
    returning a.id, a.balance_msat),
  written as (
    insert into postings (entry_id, ledger_account_id, amount_msat, balance_after_msat)
    select u.entry_id, u.id, u.amount_msat, m.balance_msat - coalesce(sum(u.amount_msat) over later, 0)::bigint
    from users u join moved m on m.id = u.id
    window later as (partition by u.id order by u.entry_id rows between 1 following and unbounded following)
    union all
    select l.entry_id, a.id, l.amount_msat, null from ledger_accounts a
    join lines l on l.system = a.system and l.asset = a.asset
    returning entry_id)
  select entry.key, count(*)::integer as postings
  from written join entry on entry.id = written.entry_id group by entry.key`;

/** Returns the number of postings written for each key: none when it was posted before. */
async function insertEntries(
  tx: ClientBase,
  entries: readonly Entry[],
): Promise<ReadonlyMap<string, number>> {
  if (entries.length === 0) return new Map();
  const lines = entries.flatMap(({ key, lines: of }) => of.map((line) => ({ ...line, key })));
  try {
    const { rows } = await tx.query<{ key: string; postings: number }>(INSERT, [
      entries.map(({ key }) => key),
      lines.map(({ key }) => key),
      lines.map(({ holder }) => ('accountId' in holder ? holder.accountId : null)),
      lines.map(({ holder }) => ('system' in holder ? holder.system : null)),
      lines.map(({ asset }) => asset),
      lines.map(({ amountMsat }) => amountMsat),
    ]);
    return new Map(rows.map(({ key, postings }) => [key, postings]));
  } catch (error) {
    if (isOverdraft(error)) {
      throw new Refusal('action.insufficient_credits', 'the balance does not cover the amount');
    }
    throw error;
  }
}

function isOverdraft(error: unknown): boolean {
  return (
    error instanceof DatabaseError && error.constraint === 'ledger_accounts_balance_msat_check'
  );
}

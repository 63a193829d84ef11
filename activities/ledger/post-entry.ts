import { type ClientBase, DatabaseError } from 'pg';
import type { Msat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';

export type Asset = 'CREDITS' | 'SATS';
export type SystemAccount =
  'outside' | 'backing' | 'revenue' | 'claims' | 'issued' | 'pool' | 'expired';
export type Holder = { readonly owner: string } | { readonly system: SystemAccount };

/** What one holder receives (positive) or gives (negative). */
export interface Line {
  readonly holder: Holder;
  readonly asset: Asset;
  readonly amountMsat: Msat;
}

/**
 * Writes one entry of double entry; its lines sum to zero per asset or the transaction cannot commit. Whoever moves the credits of
 * an account holds its lock (lockCredits) and moves its lots by as much, or it cannot either. Lines of one holder are added up,
 * zero lines are left out. False when the key has been posted before: nothing is written then. Throws Refusal
 * `action.insufficient_credits` when a balance would fall below zero.
 */
export async function postEntry(
  tx: ClientBase,
  key: string,
  lines: readonly Line[],
): Promise<boolean> {
  const merged = mergeLines(lines);
  if (merged.length === 0) return true;
  const posted = await insertEntry(tx, key, merged);
  if (posted === merged.length) return true;
  if (posted === 0 && (await isPosted(tx, key))) return false;
  throw new Error(`entry ${key}: an account of it does not exist`);
}

async function isPosted(tx: ClientBase, key: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from postings where entry_id = (select id from entries where key = $1) limit 1',
    [key],
  );
  return rowCount === 1;
}

function mergeLines(lines: readonly Line[]): Line[] {
  const byAccount = new Map<string, { line: Line; sum: bigint }>();
  for (const line of lines) {
    const id = `${JSON.stringify(line.holder)}/${line.asset}`;
    const sum = (byAccount.get(id)?.sum ?? 0n) + line.amountMsat;
    byAccount.set(id, { line, sum });
  }
  return [...byAccount.values()]
    .filter(({ sum }) => sum !== 0n)
    .map(({ line, sum }) => ({ ...line, amountMsat: sum as Msat }));
}

/** Gives how many postings were written: none when the key had been posted before. */
async function insertEntry(tx: ClientBase, key: string, lines: readonly Line[]): Promise<number> {
  try {
    const { rowCount } = await tx.query(
      `with entry as (
         insert into entries (key) values ($1) on conflict (key) do nothing returning id),
       lines as (
         select entry.id as entry_id, line.* from entry,
           unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[]) as line(owner, system, asset, amount_msat)),
       users as (
         select l.entry_id, a.id, l.amount_msat from ledger_accounts a
         join lines l on l.owner = a.owner and l.asset = a.asset
         order by a.id for no key update of a),
       moved as (
         update ledger_accounts a set balance_msat = a.balance_msat + u.amount_msat
         from users u where a.id = u.id
         returning u.entry_id, a.id, u.amount_msat, a.balance_msat)
       insert into postings (entry_id, ledger_account_id, amount_msat, balance_after_msat)
       select entry_id, id, amount_msat, balance_msat from moved
       union all
       select l.entry_id, a.id, l.amount_msat, null from ledger_accounts a
       join lines l on l.system = a.system and l.asset = a.asset`,
      [
        key,
        lines.map(({ holder }) => ('owner' in holder ? holder.owner : null)),
        lines.map(({ holder }) => ('system' in holder ? holder.system : null)),
        lines.map(({ asset }) => asset),
        lines.map(({ amountMsat }) => amountMsat),
      ],
    );
    return rowCount ?? 0;
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

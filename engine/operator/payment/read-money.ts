import type { ClientBase } from 'pg';
import type { Head } from './read-head.js';
import {
  type ClaimStory,
  type EntryStory,
  type OpenRow,
  type PostingStory,
  ROWS_SHOWN,
} from './story.js';

/** By what the rows of a payment are found. */
export interface Keys {
  readonly kind: 'action' | 'order';
  readonly id: string;
  readonly payables: readonly string[];
  readonly hashes: readonly string[];
}

/** What entries of a payable are called, after its id: the engine posts no others. An order's payments have their invoice's hash. */
const ENTRIES = [
  'reserved',
  'paid',
  'refunded',
  'unspent',
  'sent',
  'unsent',
  'upgrade',
  'loss',
] as const;

/** Found by their keys, one by one: a prefix finds nothing by index where texts are collated by a language. */
export async function readLedger(
  tx: ClientBase,
  { kind, id, payables, hashes }: Keys,
): Promise<EntryStory[]> {
  const names = kind === 'order' ? [...ENTRIES, ...hashes] : ENTRIES;
  const keys = payables.flatMap((payable) => names.map((name) => `${payable}/${name}`));
  const { rows } = await tx.query<PostingStory & { key: string; at: Date }>(
    `select e.key, e.created_at as at, coalesce(u.name, a.system) as holder, a.asset, p.amount_msat as "amountMsat"
     from (
       select id, key, created_at from entries
       where key = any($1::text[]) or key in (
         select 'claims/' || action_id || '/' || c.id from claims c
         where c.action_id = $2 and c.collected_by_account is not null)
       order by id desc limit $3) e
     join postings p on p.entry_id = e.id
     join ledger_accounts a on a.id = p.ledger_account_id left join accounts u on u.id = a.owner
     order by e.id, p.amount_msat, a.id`,
    [keys, id, ROWS_SHOWN],
  );
  const entries = new Map<string, { key: string; at: Date; postings: PostingStory[] }>();
  for (const { key, at, ...posting } of rows) {
    const entry = entries.get(key) ?? { key, at, postings: [] };
    entry.postings.push(posting);
    entries.set(key, entry);
  }
  return [...entries.values()];
}

/** Starts and wakes have the workflow's id as key, calls the hash; an action's events are told in the order of `action/<id>`. */
export async function readOpenRows(
  tx: ClientBase,
  { id, kind, payables, hashes }: Keys,
): Promise<OpenRow[]> {
  const { rows } = await tx.query<OpenRow>(
    `select kind, subject, due_since as since, attempts as tries, last_error as "lastError"
     from outbox where published_at is null and destination in ('nats', 'temporal', 'node') and ordering_key = any($1::text[])
     order by id limit $2`,
    [[...payables, ...hashes, `${kind}/${id}`], ROWS_SHOWN],
  );
  return rows;
}

export async function readClaims(tx: ClientBase, { kind, id }: Head): Promise<ClaimStory[]> {
  const { rows } = await tx.query<ClaimStory>(
    `select c.attempt, c.amount_msat as "amountMsat", c.state, coalesce(a.name, c.collected_by::text) as "collectedBy",
       c.opened_at as "openedAt", c.changed_at as "changedAt"
     from claims c left join accounts a on a.id = c.collected_by_account
     where ${kind === 'action' ? 'c.action_id' : 'c.order_id'} = $1 order by c.id limit $2`,
    [id, ROWS_SHOWN],
  );
  return rows;
}

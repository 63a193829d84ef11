import type { ClientBase, Pool } from 'pg';
import type { Us } from '../../domain/credits/time.js';
import { readCredits, readSats } from '../accounts/accounts.js';
import type { Asset } from '../ledger/post-entry.js';

interface Grant {
  readonly id: string;
  readonly account: string;
  readonly asset: Asset;
  readonly amountMsat: bigint;
  readonly reason: string;
  readonly createdAt: Date;
  readonly expiresUs: Us | null;
  /** Pending: it waits for a second person, and nothing was given yet. */
  readonly state: 'granted' | 'pending';
}

export interface GrantView extends Grant {
  /** What the account can spend now. */
  readonly creditsMsat: bigint;
  readonly satsMsat: bigint;
  readonly replayed: boolean;
}

type GrantRow = Grant & { readonly accountId: string };

/** A grant, or one that waits. */
export async function readGrant(tx: ClientBase, id: string, replayed: boolean): Promise<GrantView> {
  const { rows } = await tx.query<GrantRow>(
    `select g.id, a.id as "accountId", a.name as account, g.asset, g.amount_msat as "amountMsat", g.reason,
       g.at as "createdAt", to_us(g.expires_at) as "expiresUs", g.state
     from (
       select id, account_id, asset, amount_msat, reason, created_at as at, expires_at, 'granted' as state
       from credit_grants where id = $1
       union all
       select id, account_id, asset, amount_msat, reason, asked_at, expires_at, 'pending' from pending_grants p
       where id = $1 and not exists (select from credit_grants g where g.id = p.id)) g
     join accounts a on a.id = g.account_id`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`there is no grant ${id}`);
  const { accountId, ...grant } = row;
  const creditsMsat = await readCredits(tx, accountId);
  return { ...grant, creditsMsat, satsMsat: await readSats(tx, accountId), replayed };
}

export interface ListedGrant extends Omit<Grant, 'state'> {
  readonly state: 'pending' | 'granted' | 'rejected' | 'reversed';
  readonly askedBy: string;
  readonly decidedBy: string | null;
}

/** Grants and those that wait or were rejected, the newest first. */
export async function listGrants(
  db: Pool | ClientBase,
  { state, limit }: { readonly state?: ListedGrant['state']; readonly limit: number },
): Promise<ListedGrant[]> {
  const { rows } = await db.query<ListedGrant>(
    `select g.id, a.name as account, g.asset, g.amount_msat as "amountMsat", g.reason, g.at as "createdAt",
       to_us(g.expires_at) as "expiresUs", g.state, asked.name as "askedBy", decided.name as "decidedBy"
     from (
       select c.id, account_id, asset, amount_msat, reason, created_at as at, expires_at,
         case when r.grant_id is null then 'granted' else 'reversed' end as state, granted_by as asked_by,
         coalesce(r.reversed_by, approved_by) as decided_by
       from credit_grants c left join grant_reversals r on r.grant_id = c.id
       union all
       select id, account_id, asset, amount_msat, reason, asked_at, expires_at, state, asked_by, decided_by
       from pending_grants where state <> 'granted') g
     join accounts a on a.id = g.account_id join accounts asked on asked.id = g.asked_by
     left join accounts decided on decided.id = g.decided_by
     where $1::text is null or g.state = $1 order by g.at desc, g.id limit $2`,
    [state ?? null, limit],
  );
  return rows;
}

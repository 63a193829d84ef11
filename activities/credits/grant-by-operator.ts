import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { Msat } from '../../domain/money.js';
import { findAccount, readCredits } from '../accounts/find-account.js';
import type { KeyClaim } from '../actions/contract.js';
import { claimKey } from '../idempotency.js';
import { grantCredits } from './grant.js';

export interface OperatorGrant {
  readonly accountName: string;
  readonly amountMsat: Msat;
  readonly reason: string;
  /** Account id of the operator. */
  readonly grantedBy: string;
  readonly claim?: KeyClaim;
}

export interface GrantView {
  readonly id: string;
  readonly account: string;
  readonly amountMsat: bigint;
  readonly reason: string;
  readonly createdAt: Date;
  /** The account's credits as they are now. */
  readonly creditsMsat: bigint;
  readonly replayed: boolean;
}

/** Gives credits and keeps who did so, and why. Throws Refusal `account.not_found`, `idempotency.body_differs`. */
export function grantByOperator(pool: Pool, grant: OperatorGrant): Promise<GrantView> {
  return inTransaction(pool, async (tx) => {
    const account = await findAccount(tx, grant.accountName);
    const id = randomUUID();
    const first = grant.claim && (await claimKey(tx, grant.claim, { kind: 'grant', id }));
    if (first !== undefined) return readGrant(tx, first.id, true);
    await tx.query(
      `insert into credit_grants (id, account_id, granted_by, amount_msat, reason)
       values ($1, $2, $3, $4, $5)`,
      [id, account.id, grant.grantedBy, grant.amountMsat, grant.reason],
    );
    await grantCredits(tx, { accountId: account.id, amountMsat: grant.amountMsat, key: id });
    return readGrant(tx, id, false);
  });
}

type GrantRow = Omit<GrantView, 'creditsMsat' | 'replayed'> & { readonly accountId: string };

async function readGrant(tx: ClientBase, id: string, replayed: boolean): Promise<GrantView> {
  const { rows } = await tx.query<GrantRow>(
    `select g.id, a.id as "accountId", a.name as account, g.amount_msat as "amountMsat", g.reason,
       g.created_at as "createdAt"
     from credit_grants g join accounts a on a.id = g.account_id where g.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`the grant ${id} is not there`);
  const { accountId, ...grant } = row;
  return { ...grant, creditsMsat: await readCredits(tx, accountId), replayed };
}

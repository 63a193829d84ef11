import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import type { Msat } from '../../domain/money.js';
import { findAccount, readCredits } from '../accounts/accounts.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import { grantCredits } from './grant.js';

export interface OperatorGrant {
  readonly accountName: string;
  readonly amountMsat: Msat;
  readonly reason: string;
  /** Never when left out. */
  readonly expiresUs?: Us;
  /** Account id of the operator. */
  readonly grantedBy: string;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface GrantView {
  readonly id: string;
  readonly account: string;
  readonly amountMsat: bigint;
  readonly reason: string;
  readonly createdAt: Date;
  readonly expiresUs: Us | null;
  /** What the account can spend now. */
  readonly creditsMsat: bigint;
  readonly replayed: boolean;
}

/**
 * Grants credits and records by whom and why. Throws Refusal `account.not_found`, `credits.expiry_past`,
 * `idempotency.body_differs`.
 */
export function grantByOperator(pool: Pool, grant: OperatorGrant): Promise<GrantView> {
  return inTransaction(pool, async (tx) => {
    const account = await findAccount(tx, grant.accountName);
    const id = randomUUID();
    const first =
      grant.idempotencyKey && (await takeKey(tx, grant.idempotencyKey, { kind: 'grant', id }));
    if (first !== undefined) return readGrant(tx, first.id, true);
    const { amountMsat, expiresUs } = grant;
    const expiry = expiresUs === undefined ? {} : { expiresUs };
    await grantCredits(tx, { accountId: account.id, amountMsat, key: id, ...expiry });
    await tx.query(
      `insert into credit_grants (id, account_id, granted_by, amount_msat, reason, expires_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        ...[id, account.id, grant.grantedBy, amountMsat, grant.reason],
        expiresUs === undefined ? null : isoOfUs(expiresUs),
      ],
    );
    return readGrant(tx, id, false);
  });
}

type GrantRow = Omit<GrantView, 'creditsMsat' | 'replayed'> & { readonly accountId: string };

async function readGrant(tx: ClientBase, id: string, replayed: boolean): Promise<GrantView> {
  const { rows } = await tx.query<GrantRow>(
    `select g.id, a.id as "accountId", a.name as account, g.amount_msat as "amountMsat", g.reason,
       g.created_at as "createdAt", to_us(g.expires_at) as "expiresUs"
     from credit_grants g join accounts a on a.id = g.account_id where g.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`there is no grant ${id}`);
  const { accountId, ...grant } = row;
  return { ...grant, creditsMsat: await readCredits(tx, accountId), replayed };
}

import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import type { Msat } from '../../domain/money.js';
import { findAccount, readCredits, readSats } from '../accounts/accounts.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import type { Asset } from '../ledger/post-entry.js';
import { grantCredits } from './grant.js';
import { grantSats } from './grant-sats.js';

export interface OperatorGrant {
  readonly accountName: string;
  readonly asset: Asset;
  readonly amountMsat: Msat;
  readonly reason: string;
  /** Of credits; never when left out. */
  readonly expiresUs?: Us;
  /** Account id of the operator. */
  readonly grantedBy: string;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface GrantView {
  readonly id: string;
  readonly account: string;
  readonly asset: Asset;
  readonly amountMsat: bigint;
  readonly reason: string;
  readonly createdAt: Date;
  readonly expiresUs: Us | null;
  /** What the account can spend now. */
  readonly creditsMsat: bigint;
  readonly satsMsat: bigint;
  readonly replayed: boolean;
}

/**
 * Grants credits or sats and records by whom and why. Throws Refusal `account.not_found`, `credits.expiry_past`,
 * `credits.amount_too_large`, `idempotency.body_differs`.
 */
export function grantByOperator(pool: Pool, grant: OperatorGrant): Promise<GrantView> {
  return inTransaction(pool, async (tx) => {
    const account = await findAccount(tx, grant.accountName);
    const id = randomUUID();
    const first =
      grant.idempotencyKey && (await takeKey(tx, grant.idempotencyKey, { kind: 'grant', id }));
    if (first !== undefined) return readGrant(tx, first.id, true);
    await give(tx, account.id, id, grant);
    const { asset, amountMsat, expiresUs } = grant;
    await tx.query(
      `insert into credit_grants (id, account_id, granted_by, asset, amount_msat, reason, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        ...[id, account.id, grant.grantedBy, asset, amountMsat, grant.reason],
        expiresUs === undefined ? null : isoOfUs(expiresUs),
      ],
    );
    return readGrant(tx, id, false);
  });
}

async function give(
  tx: ClientBase,
  accountId: string,
  key: string,
  { asset, amountMsat, expiresUs }: OperatorGrant,
): Promise<void> {
  if (asset === 'SATS') return grantSats(tx, { accountId, amountMsat, key });
  const expiry = expiresUs === undefined ? {} : { expiresUs };
  await grantCredits(tx, { accountId, amountMsat, key, ...expiry });
}

type GrantRow = Omit<GrantView, 'creditsMsat' | 'satsMsat' | 'replayed'> & {
  readonly accountId: string;
};

async function readGrant(tx: ClientBase, id: string, replayed: boolean): Promise<GrantView> {
  const { rows } = await tx.query<GrantRow>(
    `select g.id, a.id as "accountId", a.name as account, g.asset, g.amount_msat as "amountMsat", g.reason,
       g.created_at as "createdAt", to_us(g.expires_at) as "expiresUs"
     from credit_grants g join accounts a on a.id = g.account_id where g.id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`there is no grant ${id}`);
  const { accountId, ...grant } = row;
  const creditsMsat = await readCredits(tx, accountId);
  return { ...grant, creditsMsat, satsMsat: await readSats(tx, accountId), replayed };
}

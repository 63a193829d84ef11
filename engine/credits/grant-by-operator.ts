import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import type { Role } from '../../domain/accounts/roles.js';
import type { Msat } from '../../domain/money.js';
import { findAccount } from '../accounts/accounts.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import type { Asset } from '../ledger/post-entry.js';
import { type GrantCaps, needsSecondPerson, NO_CAPS } from './grant-caps.js';
import { grantCredits } from './grant.js';
import { grantSats } from './grant-sats.js';
import { type GrantView, readGrant } from './read-grants.js';

/** What is granted to whom, and why. */
export interface Granting {
  readonly asset: Asset;
  readonly amountMsat: Msat;
  readonly reason: string;
  /** Of credits; never when left out. */
  readonly expiresUs?: Us;
  /** Account id of the operator. */
  readonly grantedBy: string;
  /** Account id of who approved it. */
  readonly approvedBy?: string;
}

export interface OperatorGrant extends Granting {
  readonly accountName: string;
  readonly role: Role;
  /** Default: none. */
  readonly caps?: GrantCaps;
  readonly idempotencyKey?: IdempotencyKey;
}

/**
 * Grants credits or sats and records by whom and why; above what one may grant alone it only asks another operator to approve it.
 * Throws Refusal `account.not_found`, `credits.expiry_past`, `credits.amount_too_large`, `grant.over_cap`, `idempotency.body_differs`.
 */
export function grantByOperator(pool: Pool, grant: OperatorGrant): Promise<GrantView> {
  return inTransaction(pool, async (tx) => {
    const account = await findAccount(tx, grant.accountName);
    const id = randomUUID();
    const first =
      grant.idempotencyKey && (await takeKey(tx, grant.idempotencyKey, { kind: 'grant', id }));
    if (first !== undefined) return readGrant(tx, first.id, true);
    const { grantedBy, role, amountMsat, caps = NO_CAPS } = grant;
    const asks = await needsSecondPerson(tx, caps, { id: grantedBy, role, amountMsat });
    if (asks) await ask(tx, account.id, id, grant);
    else await recordGrant(tx, account.id, id, grant);
    return readGrant(tx, id, false);
  });
}

/** Gives it, and records it. */
export async function recordGrant(
  tx: ClientBase,
  accountId: string,
  id: string,
  grant: Granting,
): Promise<void> {
  await give(tx, accountId, id, grant);
  await tx.query(
    `insert into credit_grants (id, account_id, granted_by, asset, amount_msat, reason, expires_at, approved_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[id, accountId, grant.grantedBy, grant.asset, grant.amountMsat, grant.reason],
      grant.expiresUs === undefined ? null : isoOfUs(grant.expiresUs),
      grant.approvedBy ?? null,
    ],
  );
}

async function ask(
  tx: ClientBase,
  accountId: string,
  id: string,
  { asset, amountMsat, reason, expiresUs, grantedBy }: Granting,
): Promise<void> {
  await tx.query(
    `insert into pending_grants (id, account_id, asset, amount_msat, reason, expires_at, asked_by)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[id, accountId, asset, amountMsat, reason],
      expiresUs === undefined ? null : isoOfUs(expiresUs),
      grantedBy,
    ],
  );
}

async function give(
  tx: ClientBase,
  accountId: string,
  key: string,
  { asset, amountMsat, expiresUs }: Granting,
): Promise<void> {
  if (asset === 'SATS') return grantSats(tx, { accountId, amountMsat, key });
  const expiry = expiresUs === undefined ? {} : { expiresUs };
  await grantCredits(tx, { accountId, amountMsat, key, ...expiry });
}

import type { ClientBase, Pool } from 'pg';
import type { Role } from '../../domain/accounts/roles.js';
import { findAccount, type Account } from './accounts.js';
import { refuseLastOperator, revokeTokens } from './tokens.js';

type Db = Pool | ClientBase;

export interface StaffMember {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly frozenAt: Date | null;
  /** Tokens that are neither revoked nor expired. */
  readonly tokens: number;
  readonly lastUsedAt: Date | null;
}

/** Everybody who is no user. */
export async function listStaff(db: Db): Promise<StaffMember[]> {
  const { rows } = await db.query<StaffMember>(
    `select a.name, a.role, a.created_at as "createdAt", a.frozen_at as "frozenAt",
       (count(t.*) filter (where t.revoked_at is null and (t.expires_at is null or t.expires_at > now())))::int as tokens,
       max(u.last_used_at) as "lastUsedAt"
     from accounts a left join api_tokens t on t.account_id = a.id left join token_uses u using (token_hash)
     where a.role <> 'user' group by a.id order by a.name`,
  );
  return rows;
}

/** Ends somebody's role and all tokens. Throws Refusal `account.not_found`, `operator.last`. */
export async function dismiss(tx: ClientBase, name: string): Promise<Account> {
  const account = await findAccount(tx, name);
  await revokeTokens(tx, account.id);
  await tx
    .query(`update accounts set role = 'user' where id = $1`, [account.id])
    .catch(refuseLastOperator);
  return { ...account, role: 'user' };
}

/** A frozen account opens, pays out and collects nothing; it can read. Throws Refusal `account.not_found`, `operator.last`. */
export async function freezeAccount(
  tx: ClientBase,
  name: string,
  because: string,
): Promise<Account> {
  const account = await findAccount(tx, name);
  await tx
    .query(
      `update accounts set frozen_at = coalesce(frozen_at, now()), frozen_because = $2 where id = $1`,
      [account.id, because],
    )
    .catch(refuseLastOperator);
  return account;
}

/** Throws Refusal `account.not_found`. */
export async function unfreezeAccount(tx: ClientBase, name: string): Promise<Account> {
  const account = await findAccount(tx, name);
  await tx.query('update accounts set frozen_at = null, frozen_because = null where id = $1', [
    account.id,
  ]);
  return account;
}

/** An operator or a helper who is not frozen, with all that the role may do. Undefined for anybody else. */
export async function findStaff(db: Db, name: string): Promise<Account | undefined> {
  const { rows } = await db.query<Account>(
    `select id, name, role from accounts where name = $1 and role <> 'user' and frozen_at is null`,
    [name],
  );
  return rows[0];
}

import type { ClientBase } from 'pg';
import { WALLET_KINDS, type WalletConnection } from '../../../adapters/lightning/wallets/port.js';
import type { ActionRef } from '../contract.js';

/** A wallet with which it has failed so often, in all attempts of an action, is not tried for that action again. */
const MAX_FAILURES = 2;

export interface Wallet extends WalletConnection {
  readonly id: bigint;
}

type Db = Pick<ClientBase, 'query'>;

/**
 * The wallet of a payee that is to be tried next: fewest failures in the attempts of this action first, then by its owner's order. Undefined
 * where none is left.
 */
export async function findNextWallet(
  db: Db,
  ref: ActionRef,
  payee: string,
): Promise<Wallet | undefined> {
  const { rows } = await db.query<Wallet>(
    `select w.id, w.kind, w.address
     from wallets w
     cross join lateral (
       select count(*) as failures, coalesce(bool_or(t.attempt = $2), false) as tried
       from wallet_tries t where t.action_id = $1 and t.wallet = w.id) f
     where w.owner = $3 and w.enabled and w.kind = any($4::text[]) and f.failures < $5 and not f.tried
       and (w.max_pending is null
         or (select count(*) from payments p where p.wallet = w.id and p.state = 'open') < w.max_pending)
     order by f.failures, w.priority, w.id limit 1`,
    [ref.actionId, ref.attempt, payee, WALLET_KINDS, MAX_FAILURES],
  );
  return rows[0];
}

/** Once for each attempt and wallet. */
export async function noteTry(
  tx: ClientBase,
  { actionId, attempt }: ActionRef,
  wallet: bigint,
  failure: string,
): Promise<void> {
  await tx.query(
    `insert into wallet_tries (action_id, attempt, wallet, failure) values ($1, $2, $3, $4) on conflict do nothing`,
    [actionId, attempt, wallet, failure],
  );
}

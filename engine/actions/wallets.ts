import type { ClientBase } from 'pg';
import { WALLET_KINDS } from '../../adapters/lightning/wallets/port.js';
import { mayBeCustodial } from '../../domain/actions/plan-payment.js';
import type { EngineContext } from '../context.js';
import { STORED_WALLET, type StoredWallet } from '../payouts/wallet-secrets.js';
import type { Action } from './action.js';
import { tellOfWallet } from './wallet-notice.js';

/** A wallet with which it has failed so often, in all attempts of an action, is not tried for that action again, unless nobody else can be paid. */
const MAX_FAILURES = 2;

/** An invoice that a wallet mints is to last so long. */
export const MINT_EXPIRY_SECONDS = 600;

export interface Wallet extends StoredWallet {
  readonly id: bigint;
}

/** What is paid to a wallet. */
interface PaysWallets {
  readonly action: Pick<Action, 'id' | 'type'>;
  /** 0 before there is one. */
  readonly attempt: number;
}

type Limits = Pick<EngineContext, 'limits'>;

/** SQL: payments to the wallet `w` that are open, and how many there may be; `limit` is that of all wallets, null for any number. */
const PENDING = `(select count(*) from payments p where p.wallet = w.id and p.state = 'open')`;
const room = (limit: string): string =>
  `coalesce(${PENDING} < least(w.max_pending, ${limit}::integer), true)`;

/**
 * The wallet of a payee that is to be tried next: fewest failures in the attempts of this action first, then by its owner's order. Each once
 * in an attempt. Undefined where none is left.
 */
export async function findNextWallet(
  { limits }: Limits,
  db: Pick<ClientBase, 'query'>,
  { action: { id, type }, attempt }: PaysWallets,
  payee: string,
): Promise<Wallet | undefined> {
  const { rows } = await db.query<Wallet>(
    `select w.id, ${STORED_WALLET}
     from wallets w
     cross join lateral (
       select count(*) as failures, coalesce(bool_or(t.attempt = $2), false) as tried
       from wallet_tries t where t.action_id = $1 and t.wallet = w.id) f
     where w.owner = $3 and w.enabled and w.kind = any($4::text[]) and ($5::integer is null or f.failures < $5) and not f.tried
       and ${room('$6')}
     order by f.failures, w.priority, w.id limit 1`,
    [
      ...[id, attempt, payee, WALLET_KINDS],
      ...[mayBeCustodial(type.paymentMethods) ? MAX_FAILURES : null, limits.pendingPerWallet],
    ],
  );
  return rows[0];
}

/** Those of an account that its own sats may leave to: fewest failures within a day first, then by its order. */
export async function findOwnWallets(
  { pool, limits }: Pick<EngineContext, 'pool' | 'limits'>,
  owner: string,
): Promise<readonly Wallet[]> {
  const { rows } = await pool.query<Wallet>(
    `select w.id, ${STORED_WALLET} from wallets w
     where w.owner = $1 and w.enabled and w.kind = any($2::text[]) and ${room('$3')}
     order by (select count(*) from payments p where p.wallet = w.id and p.state = 'failed'
       and p.changed_at > clock_timestamp() - interval '1 day'), w.priority, w.id`,
    [owner, WALLET_KINDS, limits.pendingPerWallet],
  );
  return rows;
}

/** Locks the wallet: of payments that are recorded at once, none is above its limit. */
export async function hasRoom(
  { limits }: Limits,
  tx: ClientBase,
  wallet: bigint,
): Promise<boolean> {
  await tx.query('select from wallets where id = $1 for no key update', [wallet]);
  // A statement of its own: it sees what the holder of the lock before has written.
  const { rowCount } = await tx.query(`select from wallets w where id = $1 and ${room('$2')}`, [
    ...[wallet, limits.pendingPerWallet],
  ]);
  return rowCount === 1;
}

/** Once for each attempt and wallet; its owner is told. */
export async function noteTry(
  tx: ClientBase,
  { action: { id: actionId, type }, attempt }: PaysWallets,
  wallet: bigint,
  failure: string,
): Promise<void> {
  const { rows } = await tx.query<Wallet>(
    `with noted as (
       insert into wallet_tries (action_id, attempt, wallet, failure) values ($1, $2, $3, $4)
       on conflict do nothing returning wallet)
     select w.id, ${STORED_WALLET} from noted n join wallets w on w.id = n.wallet`,
    [actionId, attempt, wallet, failure],
  );
  const [noted] = rows;
  if (noted === undefined) return;
  const { owner } = noted;
  await tellOfWallet(tx, { type: type.name, actionId, attempt, owner, wallet: noted, failure });
}

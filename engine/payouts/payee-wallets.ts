import type { ClientBase, Pool } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import type { WalletKind } from '../../adapters/lightning/wallets/port.js';
import { refuseFrozen } from '../accounts/accounts.js';
import {
  openWallet,
  sealPlainWallets,
  sealWallet,
  STORED_WALLET,
  type StoredWallet,
  type WalletKeys,
} from './wallet-secrets.js';

/** Where an account is paid over Lightning. */
export interface PayeeWallet {
  readonly id: bigint;
  readonly kind: WalletKind;
  readonly address: string;
  /** Lower ones are tried first. */
  readonly priority: number;
  readonly enabled: boolean;
  /** Payments to it at once; null for any number. */
  readonly maxPending: number | null;
}

/** Each of them may be tried for each payment, and may take its time. */
const MAX_WALLETS = 20;

type Row = Omit<PayeeWallet, 'address'> & StoredWallet;

const COLUMNS = `w.id, ${STORED_WALLET}, w.priority, w.enabled, w.max_pending as "maxPending"`;

/** Adds a wallet, or changes how the one with this address is used. Throws Refusal `wallet.too_many`, `account.frozen`. */
export async function setWallet(
  tx: ClientBase,
  keys: WalletKeys,
  owner: string,
  { kind, address, priority, enabled, maxPending }: Omit<PayeeWallet, 'id'>,
): Promise<PayeeWallet> {
  // Of two that are added at once the second sees the first.
  await tx.query('select from accounts where id = $1 for no key update', [owner]);
  await refuseFrozen(tx, owner);
  await sealPlainWallets(tx, keys, owner);
  const stored = sealWallet(keys, owner, { kind, address });
  const { rows } = await tx.query<Row>(
    `insert into wallets as w (owner, kind, address, sealed, priority, enabled, max_pending)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (owner, kind, address) do update set sealed = excluded.sealed,
       priority = excluded.priority, enabled = excluded.enabled, max_pending = excluded.max_pending
     returning ${COLUMNS}`,
    [owner, kind, stored.address, stored.sealed, priority, enabled, maxPending],
  );
  const [wallet] = rows;
  if (wallet === undefined) throw new Error('the wallet was not written');
  const { rowCount } = await tx.query('select from wallets where owner = $1', [owner]);
  if ((rowCount ?? 0) > MAX_WALLETS) {
    throw new Refusal('wallet.too_many', `an account has at most ${MAX_WALLETS} wallets`);
  }
  return opened(keys, wallet);
}

/** For their owner, in the order in which they are tried. */
export async function listWallets(
  db: Pool | ClientBase,
  keys: WalletKeys,
  owner: string,
): Promise<PayeeWallet[]> {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from wallets w where w.owner = $1 order by w.priority, w.id`,
    [owner],
  );
  return rows.map((row) => opened(keys, row));
}

/** Whether payments to the account can go to a wallet. */
export async function hasWallet(db: Pool | ClientBase, owner: string): Promise<boolean> {
  const { rowCount } = await db.query('select from wallets where owner = $1 and enabled limit 1', [
    owner,
  ]);
  return rowCount === 1;
}

function opened(keys: WalletKeys, { owner, sealed, ...row }: Row): PayeeWallet {
  return { ...row, ...openWallet(keys, { ...row, owner, sealed }) };
}

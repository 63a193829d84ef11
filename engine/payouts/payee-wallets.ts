import type { ClientBase, Pool } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import type { WalletKind } from '../../adapters/lightning/wallets/port.js';
import { refuseFrozen } from '../accounts/accounts.js';

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

const COLUMNS = 'id, kind, address, priority, enabled, max_pending as "maxPending"';

/** Each of them may be tried for each payment, and may take its time. */
const MAX_WALLETS = 20;

/** Adds a wallet, or changes how the one with this address is used. Throws Refusal `wallet.too_many`, `account.frozen`. */
export async function setWallet(
  tx: ClientBase,
  owner: string,
  { kind, address, priority, enabled, maxPending }: Omit<PayeeWallet, 'id'>,
): Promise<PayeeWallet> {
  // Of two that are added at once the second sees the first.
  await tx.query('select from accounts where id = $1 for no key update', [owner]);
  await refuseFrozen(tx, owner);
  const { rows } = await tx.query<PayeeWallet>(
    `insert into wallets (owner, kind, address, priority, enabled, max_pending) values ($1, $2, $3, $4, $5, $6)
     on conflict (owner, kind, address) do update
     set priority = excluded.priority, enabled = excluded.enabled, max_pending = excluded.max_pending
     returning ${COLUMNS}`,
    [owner, kind, address, priority, enabled, maxPending],
  );
  const [wallet] = rows;
  if (wallet === undefined) throw new Error('the wallet was not written');
  const { rowCount } = await tx.query('select from wallets where owner = $1', [owner]);
  if ((rowCount ?? 0) > MAX_WALLETS) {
    throw new Refusal('wallet.too_many', `an account has at most ${MAX_WALLETS} wallets`);
  }
  return wallet;
}

/** In the order in which they are tried. */
export async function listWallets(db: Pool | ClientBase, owner: string): Promise<PayeeWallet[]> {
  const { rows } = await db.query<PayeeWallet>(
    `select ${COLUMNS} from wallets where owner = $1 order by priority, id`,
    [owner],
  );
  return rows;
}

import { createHash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import {
  SECRET_KINDS,
  type WalletConnection,
  type WalletKind,
} from '../../adapters/lightning/wallets/port.js';
import { inTransaction } from '../../db/transaction.js';
import { decryptSecret, encryptSecret, type StoreKeys } from '../stored-secrets.js';

/** A wallet as its row has it. */
export interface StoredWallet {
  readonly kind: WalletKind;
  readonly owner: string;
  /** Where `sealed` is not null, the hash of the address; it names the row. */
  readonly address: string;
  readonly sealed: Buffer | null;
}

/** SQL: the columns of a {@link StoredWallet}, of `wallets w`. */
export const STORED_WALLET = 'w.kind, w.owner, w.address, w.sealed';

/** With which wallets are sealed and opened. */
export interface WalletKeys {
  readonly storeKeys: StoreKeys;
}

/** How the row keeps it. The address of a secret kind has a key in it that nobody guesses, so its hash tells nothing. */
export function sealWallet(
  { storeKeys }: WalletKeys,
  owner: string,
  { kind, address }: WalletConnection,
): Pick<StoredWallet, 'address' | 'sealed'> {
  if (!SECRET_KINDS.includes(kind)) return { address, sealed: null };
  const name = `sha256:${createHash('sha256').update(address).digest('hex')}`;
  return { address: name, sealed: encryptSecret(storeKeys, aboutWallet(owner, name), address) };
}

/** How it is reached. Throws where the key is missing or wrong. */
export function openWallet(
  { storeKeys }: WalletKeys,
  { kind, owner, address, sealed }: StoredWallet,
): WalletConnection {
  if (sealed === null) return { kind, address };
  return { kind, address: decryptSecret(storeKeys, aboutWallet(owner, address), sealed) };
}

/** In SQL: `'wallet/' || owner || '/' || address`. */
function aboutWallet(owner: string, address: string): string {
  return `wallet/${owner}/${address}`;
}

/** SQL, of `wallets w`: a secret that is not encrypted. As the index has it. */
export const IS_PLAIN = `w.sealed is null and w.kind in ('nwc', 'lnd')`;
const AT_ONCE = 100;

/** Seals all that a release before wrote as they are, {@link sealPlainWallets} after another; gives how many wallets those were. */
export async function sealAllPlainWallets(
  pool: Pool,
  keys: WalletKeys,
  signal?: AbortSignal,
): Promise<number> {
  let all = 0;
  for (;;) {
    const sealed = await inTransaction(pool, (tx) => sealPlainWallets(tx, keys));
    all += sealed;
    if (sealed === 0 || signal?.aborted === true) return all;
  }
}

/**
 * Seals what a release before wrote as it is; gives how many wallets those were, 100 at most. One that its owner has sealed already under the same
 * address is of no further use, but payments name it: it is switched off.
 */
export async function sealPlainWallets(
  tx: Pick<ClientBase, 'query'>,
  keys: WalletKeys,
  ofOwner?: string,
): Promise<number> {
  const { rows } = await tx.query<StoredWallet & { id: bigint }>(
    `select w.id, ${STORED_WALLET} from wallets w
     where ${IS_PLAIN} and ($1::uuid is null or w.owner = $1) order by w.id limit $2 for update skip locked`,
    [ofOwner ?? null, AT_ONCE],
  );
  for (const { id, owner, ...wallet } of rows) {
    const { address } = sealWallet(keys, owner, wallet);
    const { rowCount: known } = await tx.query(
      'select from wallets where owner = $1 and kind = $2 and address = $3',
      [owner, wallet.kind, address],
    );
    const name = known === 0 ? address : `${address}/${id}`;
    const sealed = encryptSecret(keys.storeKeys, aboutWallet(owner, name), wallet.address);
    await tx.query(
      'update wallets set address = $2, sealed = $3, enabled = enabled and $4 where id = $1',
      [id, name, sealed, known === 0],
    );
  }
  return rows.length;
}

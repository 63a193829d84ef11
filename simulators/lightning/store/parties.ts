import { randomBytes } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { ClientBase, Pool } from 'pg';
import { ZERO_MSAT, type Msat } from '../../../domain/money.js';

/** Names of the two parties that exist once. */
export const NODE = 'node';
export const NETWORK = 'network';

export interface Party {
  readonly name: string;
  readonly balanceMsat: Msat;
  readonly secretKey: Buffer;
}

type Database = Pool | ClientBase;

/** Creates the party with a key of its own. False when it exists. */
export async function openParty(
  database: Database,
  party: { readonly name: string; readonly role: 'node' | 'wallet'; readonly balanceMsat: Msat },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `insert into lightning_sim.parties (name, role, secret_key, deposited_msat, balance_msat)
     values ($1, $2, $3, $4, $4) on conflict do nothing`,
    [party.name, party.role, secp256k1.utils.randomSecretKey(randomBytes(48)), party.balanceMsat],
  );
  return rowCount === 1;
}

export async function findParty(
  database: Database,
  name: string,
  role: 'node' | 'wallet',
): Promise<Party | undefined> {
  const { rows } = await database.query<Party>(
    `select name, balance_msat as "balanceMsat", secret_key as "secretKey"
       from lightning_sim.parties where name = $1 and role = $2`,
    [name, role],
  );
  return rows[0];
}

export function publicKeyOf({ secretKey }: Party): string {
  return Buffer.from(secp256k1.getPublicKey(secretKey)).toString('hex');
}

export async function credit(tx: ClientBase, name: string, amountMsat: bigint): Promise<void> {
  await tx.query(
    'update lightning_sim.parties set balance_msat = balance_msat + $2 where name = $1',
    [name, amountMsat],
  );
}

/** False, with nothing changed, when the balance is too low. */
export async function debit(tx: ClientBase, name: string, amountMsat: bigint): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update lightning_sim.parties set balance_msat = balance_msat - $2
      where name = $1 and balance_msat >= $2`,
    [name, amountMsat],
  );
  return rowCount === 1;
}

/** What all wallets could send to the node. */
export async function balanceOfWallets(database: Database): Promise<Msat> {
  const { rows } = await database.query<{ sum: Msat }>(
    `select coalesce(sum(balance_msat), 0)::bigint as sum from lightning_sim.parties where role = 'wallet'`,
  );
  return rows[0]?.sum ?? ZERO_MSAT;
}

/** Adds new money to a party's balance. */
export async function deposit(tx: ClientBase, name: string, amountMsat: Msat): Promise<void> {
  await tx.query(
    `update lightning_sim.parties
        set balance_msat = balance_msat + $2, deposited_msat = deposited_msat + $2
      where name = $1`,
    [name, amountMsat],
  );
}

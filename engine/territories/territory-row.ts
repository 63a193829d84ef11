import type { ClientBase } from 'pg';
import type { Billing } from '../../domain/territories/billing.js';
import {
  type TerritoryEvent,
  territoryMachine,
  type TerritoryState,
} from '../../domain/territories/machine.js';
import type { Msat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import type { MachineTable } from '../transition.js';

type Db = Pick<ClientBase, 'query'>;

/** Columns of `territories`. Amounts in msat. */
export interface TerritoryRow {
  readonly id: bigint;
  readonly name: string;
  readonly owner: string;
  readonly state: TerritoryState;
  readonly billing: Billing;
  readonly price_msat: Msat;
  readonly auto_renew: boolean;
  readonly billed_at: Date;
  readonly paid_until: Date | null;
  readonly anchor_day: number;
  readonly description: string;
  readonly base_cost_msat: Msat;
  readonly reply_cost_msat: Msat;
  readonly post_types: readonly string[];
  readonly ranking: 'WOT' | 'RECENT';
  readonly rewards_percent: number;
  readonly moderated: boolean;
  readonly version: number;
  readonly created_at: Date;
}

export const TERRITORIES: MachineTable<TerritoryState, TerritoryEvent> = {
  machine: territoryMachine,
  table: 'territories',
  keyColumns: ['id'],
  keyTypes: ['bigint'],
};

export async function findTerritory(db: Db, name: string): Promise<TerritoryRow | undefined> {
  const { rows } = await db.query<TerritoryRow>('select * from territories where name = $1', [
    name.toLowerCase(),
  ]);
  return rows[0];
}

/** Throws Refusal `territory.not_found`. */
export async function readTerritory(db: Db, name: string): Promise<TerritoryRow> {
  const row = await findTerritory(db, name);
  if (row === undefined) throw new Refusal('territory.not_found', `there is no territory ${name}`);
  return row;
}

/** Locked for the rest of the transaction. Throws Refusal `territory.not_found`. */
export async function lockTerritory(tx: Db, name: string): Promise<TerritoryRow> {
  const { rows } = await tx.query<TerritoryRow>(
    'select * from territories where name = $1 for no key update',
    [name.toLowerCase()],
  );
  const [row] = rows;
  if (row === undefined) throw new Refusal('territory.not_found', `there is no territory ${name}`);
  return row;
}

/** Throws Refusal `territory.not_owner`. */
export function refuseUnlessOwner({ name, owner }: TerritoryRow, actor: string | null): void {
  if (owner === actor) return;
  throw new Refusal('territory.not_owner', `only its owner may do this with ${name}`);
}

export function bought({ billing, billed_at: billedAt, paid_until: paidUntil }: TerritoryRow): {
  billing: Billing;
  billedAt: Date;
  paidUntil: Date | null;
} {
  return { billing, billedAt, paidUntil };
}

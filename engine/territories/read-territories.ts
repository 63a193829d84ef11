import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import type { TerritoryRow } from './territory-row.js';

type Db = Pick<ClientBase, 'query'>;

/** With its owner's name. */
export type TerritoryView = TerritoryRow & { readonly owner_name: string };

const VIEW =
  'select t.*, o.name as owner_name from territories t join accounts o on o.id = t.owner';

/** Throws Refusal `territory.not_found`. */
export async function viewTerritory(db: Db, name: string): Promise<TerritoryView> {
  const { rows } = await db.query<TerritoryView>(`${VIEW} where t.name = $1`, [name.toLowerCase()]);
  const [row] = rows;
  if (row === undefined) throw new Refusal('territory.not_found', `there is no territory ${name}`);
  return row;
}

/** By name, after one where that is given. Those that have stopped only for their owner. */
export async function listTerritories(
  db: Db,
  viewer: string | null,
  after: string | undefined,
  limit: number,
): Promise<TerritoryView[]> {
  const { rows } = await db.query<TerritoryView>(
    `${VIEW} where t.name > $1 and (t.state <> 'STOPPED' or t.owner = $2) order by t.name limit $3`,
    [after ?? '', viewer, limit],
  );
  return rows;
}

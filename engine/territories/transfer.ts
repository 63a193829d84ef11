import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { findAccount } from '../accounts/accounts.js';
import { tellOnce } from '../notices/tell.js';
import { refuseWhileChanging } from './changing.js';
import { lockTerritory, refuseUnlessOwner, type TerritoryRow } from './territory-row.js';

export async function recordTransfer(
  tx: ClientBase,
  territory: bigint,
  from: string,
  to: string,
): Promise<void> {
  await tx.query(
    'insert into territory_transfers (territory, from_account, to_account) values ($1, $2, $3)',
    [territory, from, to],
  );
  const { rows } = await tx.query<{ id: bigint; name: string }>(
    `select max(h.id) as id, t.name from territory_transfers h join territories t on t.id = h.territory
     where h.territory = $1 group by t.name`,
    [territory],
  );
  await tellOnce(
    tx,
    rows.map(({ id, name }) => ({
      ...{ account: to, kind: 'TERRITORY_TRANSFER', key: `transfer/${id}`, by: from },
      detail: { territory: name },
    })),
  );
}

/**
 * Gives a territory to another account, which has to say itself whether it renews it. Sent again it changes nothing. Throws Refusal
 * `territory.not_found`, `territory.not_owner`, `territory.stopped`, `territory.changing`, `account.not_found`.
 */
export async function transferTerritory(
  tx: ClientBase,
  name: string,
  actor: string,
  toName: string,
): Promise<TerritoryRow> {
  const to = await findAccount(tx, toName);
  const row = await lockTerritory(tx, name);
  if (row.owner === to.id) return row;
  refuseUnlessOwner(row, actor);
  if (row.state === 'STOPPED') {
    throw new Refusal('territory.stopped', `${row.name} has stopped: it can be unarchived`);
  }
  await refuseWhileChanging(tx, row.name);
  await recordTransfer(tx, row.id, row.owner, to.id);
  const { rows } = await tx.query<TerritoryRow>(
    'update territories set owner = $2, auto_renew = false where id = $1 returning *',
    [row.id, to.id],
  );
  const [moved] = rows;
  if (moved === undefined) throw new Error(`territory ${name} disappeared`);
  return moved;
}

import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';

export interface TerritoryAct {
  readonly actionId: string;
  readonly actor: string | null;
  readonly costMsat: Msat;
}

/** What is to be paid for a territory. It is applied to it once it is paid. */
export async function insertAct(
  tx: ClientBase,
  kind: 'CREATE' | 'UPDATE' | 'BILLING' | 'UNARCHIVE',
  name: string,
  { actionId, actor, costMsat }: TerritoryAct,
): Promise<void> {
  await tx.query(
    `insert into territory_acts (action_id, name, kind, actor, amount_msat, state) values ($1, $2, $3, $4, $5, 'PENDING')`,
    [actionId, name, kind, actor, costMsat],
  );
}

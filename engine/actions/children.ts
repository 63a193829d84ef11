import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { addMsat, subtractMsat } from '../../domain/money.js';
import { ACTION_COLUMNS, type Action, type ActionRow, actionOf } from './action.js';
import { POOL } from './attempt-money.js';
import type { Child, Share } from './types/paid-action-type.js';

/** A child whose row is still to be written. */
export type NewChild = Child & { readonly id: string };

export function withIds(children: readonly Child[]): readonly NewChild[] {
  return children.map((child) => ({ ...child, id: randomUUID() }));
}

/** The shares of children, tagged: of each they are all of its cost. */
export function childShares(children: readonly NewChild[]): readonly Share[] {
  return children.flatMap(({ id, costMsat, shares = [] }) => {
    const amountMsat = subtractMsat(costMsat, addMsat(...shares.map((share) => share.amountMsat)));
    if (amountMsat < 0n) throw new RangeError('the shares of a child exceed its cost');
    const pool: Share = { kind: POOL, asset: 'SATS', holder: { system: 'pool' }, amountMsat };
    const all = amountMsat === 0n ? shares : [...shares, pool];
    return all.map((share) => ({ ...share, child: id }));
  });
}

/** After the row of the parent, whose author is theirs. */
export async function insertChildren(
  tx: ClientBase,
  parent: Pick<Action, 'id'>,
  children: readonly NewChild[],
): Promise<void> {
  if (children.length === 0) return;
  await tx.query(
    `insert into actions (id, type, actor, capability_hash, args, request_hash, cost_msat, parent)
     select c.id, c.type, p.actor, p.capability_hash, c.args, p.request_hash, c.cost_msat, p.id
     from actions p, unnest($2::uuid[], $3::text[], $4::jsonb[], $5::bigint[]) as c (id, type, args, cost_msat)
     where p.id = $1`,
    [
      parent.id,
      children.map(({ id }) => id),
      children.map(({ type }) => type),
      children.map(({ args }) => JSON.stringify(args)),
      children.map(({ costMsat }) => costMsat),
    ],
  );
}

/** The children of those whose types may have some. Undefined, without a query, where none may. */
export function loadChildren(
  tx: ClientBase,
  actions: readonly Action[],
): Promise<readonly Action[]> | undefined {
  const parents = actions.filter(({ type }) => type.hasChildren === true);
  if (parents.length === 0) return undefined;
  return readChildren(
    tx,
    parents.map(({ id }) => id),
  );
}

async function readChildren(
  tx: ClientBase,
  parents: readonly string[],
): Promise<readonly Action[]> {
  const { rows } = await tx.query<ActionRow>(
    `select ${ACTION_COLUMNS} from actions s where s.parent = any($1::uuid[]) order by s.id`,
    [parents],
  );
  return rows.map(actionOf);
}

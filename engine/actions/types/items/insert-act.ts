import type { ActionContext, Queryable } from '../paid-action-type.js';

export async function insertAct(
  tx: Queryable,
  kind: 'DOWN_ZAP' | 'BOOST',
  { actionId, actor, costMsat, args }: ActionContext<{ readonly itemId: string }>,
): Promise<void> {
  await tx.query(
    `insert into item_acts (action_id, kind, item_id, actor, amount_msat, state) values ($1, $2, $3, $4, $5, 'PENDING')`,
    [actionId, kind, args.itemId, actor, costMsat],
  );
}

import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import type { EngineContext } from '../context.js';

/** Each open invoice costs the node something: an account may have so many. */
export async function refuseTooManyUnpaid(
  { limits }: EngineContext,
  tx: ClientBase,
  actor: string | null,
): Promise<void> {
  if (actor === null) return;
  const { rowCount } = await tx.query(
    `select 1 from attempts
     where payer = $1 and state in ('INVOICING', 'PENDING', 'PENDING_HELD') limit $2`,
    [actor, limits.unpaidActions],
  );
  if (rowCount === limits.unpaidActions) {
    throw new Refusal(
      'action.too_many_unpaid',
      `${limits.unpaidActions} invoices are open: pay or cancel some`,
    );
  }
}

import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import { type Leg, payableId, readLegs } from '../ledger/legs.js';
import { type Action, ACTION_COLUMNS, actionOf, type ActionRow, loadAction } from './action.js';
import type { ActionRef } from './contract.js';

/** An attempt as far as it does not change: its action and its money's plan. Read without locks. */
export interface AttemptTarget {
  readonly action: Action;
  readonly ref: ActionRef;
  /** As of when it was read: a plan is fixed once an invoice is shown, but what has moved is not. */
  readonly legs: readonly Leg[];
}

type Db = Pick<ClientBase, 'query'>;

export async function findTarget(db: Db, ref: ActionRef): Promise<AttemptTarget> {
  const [action, legs] = await pipeline([
    loadAction(db, ref.actionId),
    readLegs(db, [payableId(ref)]),
  ]);
  return { action, ref, legs: legs.get(payableId(ref)) ?? [] };
}

/** The attempts that own payment hashes, of those that wait to be paid or `all`; undefined where there is none. */
export async function findTargets(
  db: Db,
  hashes: readonly PaymentHash[],
  { all }: { readonly all: boolean },
): Promise<(AttemptTarget | undefined)[]> {
  const { rows } = await db.query<ActionRow & { hash: PaymentHash; attempt: number }>(
    `select i.hash, i.attempt, ${ACTION_COLUMNS}
     from invoices i
     join attempts a on a.action_id = i.action_id and a.attempt = i.attempt
     join actions s on s.id = i.action_id
     where i.hash = any($1::text[]) and ($2 or (a.state in ('PENDING', 'HELD') and a.flow <> 'wrapped'))`,
    [hashes, all],
  );
  const found = rows.map((row) => ({
    ...{ hash: row.hash, action: actionOf(row) },
    ref: { actionId: row.id, attempt: row.attempt },
  }));
  const legs = await readLegs(
    db,
    found.map(({ ref }) => payableId(ref)),
  );
  const targets = new Map(
    found.map(({ hash, action, ref }) => [
      hash,
      { action, ref, legs: legs.get(payableId(ref)) ?? [] },
    ]),
  );
  return hashes.map((hash) => targets.get(hash));
}

import type { ClientBase } from 'pg';
import { attemptMachine } from '../../../domain/actions/machine.js';
import { orderMachine } from '../../../domain/transmissions/machine.js';
import type { TransitionView } from '../read-transitions.js';
import type { Head } from './read-head.js';
import { type LegStory, ROWS_SHOWN, TRANSITIONS_SHOWN } from './story.js';

/** Oldest first, by workflow id. */
export async function readTransitionStories(
  tx: ClientBase,
  { kind, id, attempts }: Head,
): Promise<ReadonlyMap<string, readonly TransitionView[]>> {
  const machine = kind === 'action' ? attemptMachine.name : orderMachine.name;
  const { rows } = await tx.query<TransitionView & { workflowId: string }>(
    `select w.id as "workflowId", t.id, t.event, t.from_state as "fromState", t.to_state as "toState", t.reason, t.at
     from unnest($2::text[], $3::text[]) as w(id, subject)
     cross join lateral (
       select * from transitions where machine = $1 and subject = w.subject order by id desc limit $4) t
     order by t.id`,
    [
      machine,
      attempts.map(({ workflowId }) => workflowId),
      attempts.map(({ attempt }) => (attempt === null ? id : `${id}/${attempt}`)),
      TRANSITIONS_SHOWN,
    ],
  );
  return byKey(rows, ({ workflowId, ...transition }) => [workflowId, transition]);
}

/** In their order, by payable. */
export async function readLegStories(
  tx: ClientBase,
  payables: readonly string[],
): Promise<ReadonlyMap<string, readonly LegStory[]>> {
  const { rows } = await tx.query<LegStory & { payable: string }>(
    `select l.payable, l.n, l.side, l.kind, l.asset, coalesce(u.name, a.system) as holder,
       l.planned_msat as "plannedMsat", l.actual_msat as "actualMsat"
     from legs l left join ledger_accounts a on a.id = l.ledger_account_id left join accounts u on u.id = a.owner
     where l.payable = any($1::text[]) order by l.payable, l.n limit $2`,
    [payables, ROWS_SHOWN],
  );
  return byKey(rows, ({ payable, ...leg }) => [payable, leg]);
}

function byKey<R, V>(
  rows: readonly R[],
  split: (row: R) => readonly [string, V],
): ReadonlyMap<string, readonly V[]> {
  const found = new Map<string, V[]>();
  for (const row of rows) {
    const [key, value] = split(row);
    const before = found.get(key);
    if (before === undefined) found.set(key, [value]);
    else before.push(value);
  }
  return found;
}

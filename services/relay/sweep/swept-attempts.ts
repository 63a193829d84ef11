import { attemptStart } from '../../../engine/actions/attempt-start.js';
import type { AttemptState } from '../../../domain/actions/machine.js';
import type { SweptTable } from './swept-table.js';

interface AttemptDue {
  readonly action_id: string;
  readonly attempt: number;
  readonly state: AttemptState;
  readonly type: string;
  readonly actor: string | null;
  readonly due_at: string;
}

export const sweptAttempts: SweptTable<AttemptDue> = {
  workflowType: 'paidAction',
  selectDue: `
    select t.action_id, t.attempt, t.state, t.due_at::text as due_at, a.type, a.actor
    from attempts t join actions a on a.id = t.action_id
    where t.due_at < now() - $1 * interval '1 second'
      and (t.due_at, t.action_id, t.attempt) > ($3::timestamptz, $4::uuid, $5::integer)
    order by t.due_at, t.action_id, t.attempt limit $2
    for no key update of t skip locked`,
  postpone: `
    update attempts set due_at = clock_timestamp() + $1 * interval '1 second'
    from unnest($2::uuid[], $3::integer[]) as k (id, number)
    where action_id = k.id and attempt = k.number`,
  read: ({ action_id: actionId, attempt, state, type, actor, due_at: dueAt }) => ({
    key: [actionId, attempt],
    dueAt,
    start: attemptStart(
      { actionId, attempt },
      { type, state, actor, summary: `${type}, found past its deadline` },
    ),
  }),
};

import type { ClientBase } from 'pg';
import { DEFAULT_PRIORITY, keepDelivered } from '../../../engine/outbox.js';
import type { OutboxRow, Run } from './destination.js';

/**
 * A start that nobody has taken yet makes the wakes of its workflow unnecessary, which would find no workflow. They are marked as
 * done, and the start remembers that it has to wake the workflow should that run already. Something has happened to its attempt, so
 * the start is no longer one that waits for a payer. A start that another relay is taking at this moment is left alone.
 */
const FOLD = `
  with start as materialized (
    select s.id, s.ordering_key as workflow_id
    from unnest($1::text[]) k (workflow_id)
    join only outbox s on s.destination = 'temporal' and s.ordering_key = k.workflow_id
      and s.published_at is null and s.kind = 'start' and s.lease = 0
    for update of s skip locked),
  noted as (
    update only outbox s set payload = s.payload || '{"wake": true}', priority = least(s.priority, $4)
    from start where s.id = start.id),
  done as (
    delete from only outbox w using unnest($2::bigint[], $3::text[]) k (id, workflow_id)
    where w.id = k.id and k.workflow_id in (select workflow_id from start) returning w.*),
  kept as (${keepDelivered('done')})
  select distinct workflow_id from start`;

export interface Taken {
  readonly runs: readonly Run[];
  /** Wakes that need no delivery any more. */
  readonly folded: readonly OutboxRow[];
}

/** In the transaction that has taken the runs. */
export async function foldWakes(tx: ClientBase, runs: readonly Run[]): Promise<Taken> {
  const woken = runs.filter((run) => run.every(({ kind }) => kind === 'wake'));
  if (woken.length === 0) return { runs, folded: [] };
  const wakes = woken.flat();
  const { rows } = await tx.query<{ workflow_id: string }>(FOLD, [
    woken.flatMap(([first]) => first?.orderingKey ?? []),
    wakes.map(({ id }) => id),
    wakes.map(({ orderingKey }) => orderingKey),
    DEFAULT_PRIORITY,
  ]);
  const started = new Set(rows.map((row) => row.workflow_id));
  const isFolded = ([first]: Run): boolean => first !== undefined && started.has(first.orderingKey);
  return {
    runs: runs.filter((run) => !woken.includes(run) || !isFolded(run)),
    folded: woken.filter(isFolded).flat(),
  };
}

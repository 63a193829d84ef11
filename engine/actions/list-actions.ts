import type { Pool } from 'pg';
import type { ActionView } from './contract.js';
import { viewEach } from './read-action.js';

export interface ActionFilter {
  /** By the newest attempt; all when left out. */
  readonly state?: 'open' | 'paid' | 'failed';
  readonly before?: ActionPosition;
  readonly limit: number;
}

/** `createdUs`: microseconds since 1970, as precise as PostgreSQL's. */
export interface ActionPosition {
  readonly createdUs: bigint;
  readonly id: string;
}

export interface ListedAction {
  readonly view: ActionView;
  readonly position: ActionPosition;
}

/** An account's own actions, the newest first. */
export async function listActions(
  pool: Pool,
  accountId: string,
  { state, before, limit }: ActionFilter,
): Promise<ListedAction[]> {
  const { rows } = await pool.query<ActionPosition>(
    `select a.id, (extract(epoch from a.created_at) * 1000000)::bigint as "createdUs"
     from actions a
     join lateral (
       select case when n.state in ('PAID', 'FAILED') then lower(n.state) else 'open' end as state
       from attempts n where n.action_id = a.id order by n.attempt desc limit 1) newest on true
     where a.actor = $1 and ($2::text is null or newest.state = $2) and ($3::bigint is null or
       (a.created_at, a.id) < (timestamptz 'epoch' + $3::bigint * interval '1 us', $4::uuid))
     order by a.created_at desc, a.id desc limit $5`,
    [accountId, state ?? null, before?.createdUs ?? null, before?.id ?? null, limit],
  );
  const views = await viewEach(
    pool,
    rows.map(({ id }) => id),
  );
  const positionOf = new Map(rows.map((position) => [position.id, position]));
  return views.flatMap((view) => {
    const position = positionOf.get(view.id);
    return position === undefined ? [] : [{ view, position }];
  });
}

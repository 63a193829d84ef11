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
  const { rows } = await pool.query<ActionPosition>(state === 'open' ? OPEN : BY_STATE, [
    ...[accountId, before?.createdUs ?? null, before?.id ?? null, limit],
    ...(state === 'open' ? [] : [state ?? null]),
  ]);
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

const POSITION = `s.id, (extract(epoch from s.created_at) * 1000000)::bigint as "createdUs"`;
const BEFORE = `($2::bigint is null
  or (s.created_at, s.id) < (timestamptz 'epoch' + $2::bigint * interval '1 us', $3::uuid))`;

/** An open attempt is its action's newest: a short list, however many actions are over. */
const OPEN = `
  select ${POSITION} from attempts a join actions s on s.id = a.action_id
  where a.payer = $1 and a.state not in ('PAID', 'FAILED') and ${BEFORE}
  order by s.created_at desc, s.id desc limit $4`;

const BY_STATE = `
  select ${POSITION} from actions s
  join lateral (
    select case when n.state in ('PAID', 'FAILED') then lower(n.state) else 'open' end as state
    from attempts n where n.action_id = s.id order by n.attempt desc limit 1) newest on true
  where s.actor = $1 and ${BEFORE} and ($5::text is null or newest.state = $5)
  order by s.created_at desc, s.id desc limit $4`;

/** An account's withdrawals, by itself and automatic, the newest first. */
export async function listWithdrawals(
  pool: Pool,
  accountId: string,
  limit: number,
): Promise<ActionView[]> {
  const { rows } = await pool.query<{ id: string }>(
    // Their types stand here so that the index of withdrawals fits.
    `select id from actions where actor = $1 and type in ('WITHDRAWAL', 'AUTO_WITHDRAWAL')
     order by created_at desc, id desc limit $2`,
    [accountId, limit],
  );
  return viewEach(
    pool,
    rows.map(({ id }) => id),
  );
}

import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { EngineContext } from '../context.js';
import { failpoint } from '../failpoint.js';
import { type Action, contextOf, loadAction } from './action.js';
import { inSavepoint } from './run-type.js';
import { UnknownActionType } from './types/index.js';
import type { Site } from './types/paid-action-type.js';

/** In one transaction, each by itself within it. */
const AT_ONCE = 20;
/** Another release knows its type. */
const UNKNOWN_TYPE = 'its type is unknown here';

interface EffectRow {
  readonly id: bigint;
  readonly action_id: string;
  readonly attempt: number;
  readonly kind: 'after_paid' | 'after_failed';
}

/** Does an effect, and may do something before and after. */
export type AroundEffect = (
  effect: Pick<EffectRow, 'action_id' | 'attempt' | 'kind'>,
  run: () => Promise<string | null>,
) => Promise<string | null>;

/**
 * Does the effects that are due, each once: what one does is committed together with that it is done. One that fails is tried again
 * later and leaves nothing. Any number of processes may call it at once. Gives how many were due.
 */
export async function runEffects(
  engine: Pick<EngineContext, 'outboxChanged'> & { readonly pool: Pool },
  site: Site,
  around: AroundEffect = (_effect, run) => run(),
): Promise<number> {
  const done = await inTransaction(engine.pool, async (tx) => {
    const { rows } = await tx.query<EffectRow>(
      `select id, action_id, attempt, kind from effects
       where kind in ('after_paid', 'after_failed') and done_at is null and due_at <= clock_timestamp()
       order by due_at, id limit $1 for no key update skip locked`,
      [AT_ONCE],
    );
    for (const effect of rows) {
      await markDone(tx, effect, await around(effect, () => runOne(tx, effect, site)));
    }
    if (rows.length > 0) await failpoint('in-effect-transaction');
    return rows.length;
  });
  // Nobody is woken for nothing: this is asked several times a second.
  if (done > 0) engine.outboxChanged();
  return done;
}

/** Why it was not done; null where it was. */
async function runOne(tx: ClientBase, effect: EffectRow, site: Site): Promise<string | null> {
  const action = await load(tx, effect.action_id);
  if (action === undefined) return UNKNOWN_TYPE;
  const { type } = action;
  const failed = await inSavepoint(tx, async () => {
    await (effect.kind === 'after_paid'
      ? type.afterPaid?.(tx, contextOf(action), site)
      : type.afterFailed?.(tx, contextOf(action), site));
  });
  return failed?.because ?? null;
}

async function load(tx: ClientBase, actionId: string): Promise<Action | undefined> {
  try {
    return await loadAction(tx, actionId);
  } catch (error) {
    if (error instanceof UnknownActionType) return undefined;
    throw error;
  }
}

async function markDone(tx: ClientBase, { id }: EffectRow, error: string | null): Promise<void> {
  await tx.query(
    `update effects set done_at = case when $2::text is null then clock_timestamp() end, last_error = $2, tries = tries + 1,
       due_at = clock_timestamp() + least(3600, power(2, least(tries, 20))) * interval '1 second'
     where id = $1`,
    [id, error],
  );
}

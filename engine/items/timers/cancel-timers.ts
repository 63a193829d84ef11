import type { ClientBase } from 'pg';
import type { TextCommand } from '../../../domain/items/text-commands.js';
import { enqueueWake } from '../../outbox.js';
import { transitionAll } from '../../transition.js';
import { TIMERS, timerStart, type TimerRow } from './timer-row.js';

/** Those that wait, but the one that is counted from then. Their workflows end. */
export async function cancelTimers(
  tx: ClientBase,
  itemId: string,
  kind: TextCommand | null,
  except: Date | null = null,
): Promise<void> {
  const { rows } = await tx.query<Pick<TimerRow, 'id' | 'kind' | 'item_id' | 'state'>>(
    `select id, kind, item_id, state from item_timers
     where item_id = $1 and state = 'WAITING' and ($2::text is null or kind = $2) and ($3::timestamptz is null or counted_from <> $3)
     order by id for no key update`,
    [itemId, kind, except],
  );
  if (rows.length === 0) return;
  const keys = rows.map(({ id }) => [id.toString()]);
  await transitionAll(tx, TIMERS, keys, { event: 'cancelled', set: () => ({ due_at: 'null' }) });
  for (const timer of rows) await enqueueWake(tx, timerStart(timer).workflowId, 'cancelled');
}

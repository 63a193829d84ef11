import type { ClientBase } from 'pg';
import { endOf, readCommand, type TextCommand } from '../../../domain/items/text-commands.js';
import { tellOnce } from '../../notices/tell.js';
import { enqueueStart } from '../../outbox.js';
import { recordOpening } from '../../transition.js';
import { cancelTimers } from './cancel-timers.js';
import { TIMERS, timerStart, type TimerRow } from './timer-row.js';

interface TimedText {
  readonly author: string | null;
  readonly text: string;
  readonly countedFrom: Date;
}

/**
 * Sets the timers that the text of a paid item asks for by now, in place of those that it asked for before. They are counted from the
 * payment of the text: of the item, or of the last change of its text. Whoever calls it, in whatever order and however often, the result
 * is the same. The author is told that it was understood.
 */
export async function setTimers(tx: ClientBase, itemId: string): Promise<void> {
  const item = await readText(tx, itemId);
  for (const kind of ['DELETE', 'REMIND'] as const) await setTimer(tx, itemId, kind, item);
}

/** Undefined where nothing can be asked for any more. Locks the item. */
async function readText(tx: ClientBase, itemId: string): Promise<TimedText | undefined> {
  await tx.query('select from items where id = $1 for no key update', [itemId]);
  const { rows } = await tx.query<TimedText>(
    `select i.author, i.text, greatest(i.paid_at, (
       select max(a.changed_at) from item_edits e join actions s on s.id = e.action_id
       join attempts a on a.action_id = e.action_id and a.state = 'PAID'
       where e.item_id = i.id and s.args ->> 'text' is not null)) as "countedFrom"
     from items i where i.id = $1 and i.state = 'PAID' and i.deleted_at is null`,
    [itemId],
  );
  return rows[0];
}

async function setTimer(
  tx: ClientBase,
  itemId: string,
  kind: TextCommand,
  item: TimedText | undefined,
): Promise<void> {
  const delay = item === undefined ? undefined : readCommand(item.text, kind);
  const end =
    item === undefined || delay === undefined ? undefined : endOf(delay, item.countedFrom);
  const possible = kind === 'DELETE' || (item?.author ?? null) !== null;
  if (item === undefined || end === undefined || !possible) {
    await cancelTimers(tx, itemId, kind);
    return;
  }
  await cancelTimers(tx, itemId, kind, item.countedFrom);
  const { rows } = await tx.query<TimerRow>(
    `insert into item_timers (item_id, kind, account, counted_from, runs_at, due_at) values ($1, $2, $3, $4, $5, $5)
     on conflict (item_id, kind, counted_from) do nothing returning *`,
    [itemId, kind, item.author, item.countedFrom, end],
  );
  const [timer] = rows;
  if (timer === undefined) return;
  await recordOpening(tx, TIMERS.machine, timer.id.toString(), 'understood');
  await enqueueStart(tx, timerStart(timer));
  await tellUnderstood(tx, timer);
}

async function tellUnderstood(tx: ClientBase, timer: TimerRow): Promise<void> {
  if (timer.account === null) return;
  await tellOnce(tx, [
    {
      ...{ account: timer.account, key: `timer/${timer.id}` },
      kind: timer.kind === 'DELETE' ? 'DELETION_SET' : 'REMINDER_SET',
      itemId: timer.item_id.toString(),
      detail: { at: timer.runs_at.toISOString() },
    },
  ]);
}

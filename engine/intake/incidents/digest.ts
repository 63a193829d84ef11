import type { ClientBase } from 'pg';
import type { ToldAs } from '../../../domain/intake/incidents/message.js';
import { notifyChannel } from './notify.js';
import { readTold, type ToldStore } from './told.js';

interface DigestDay {
  readonly day: string;
  readonly due: boolean;
  readonly nextAt: Date;
}

/**
 * Once a day, at the store's hour in its zone: what is open, and what is over since the day before, told or not. Nothing is written
 * when there is nothing to tell. Gives when the next one is due; null without a channel that wants it.
 */
export async function writeDigest(tx: ClientBase, store: ToldStore): Promise<Date | null> {
  const { rows: channels } = await tx.query<{ id: bigint }>(
    `select id from notice_channels where store = $1 and removed_at is null and settings -> 'digest' is distinct from 'false' order by id`,
    [store.id],
  );
  if (channels.length === 0) return null;
  const { day, due, nextAt } = await digestDay(tx, store);
  if (due) {
    const wanted = await readDigested(tx, store, day);
    const incidents = wanted.size === 0 ? [] : await readTold(tx, wanted);
    if (incidents.length > 0) {
      for (const { id } of channels) {
        await notifyChannel(tx, id, { what: 'digest', store, incidents }, day);
      }
    }
  }
  return nextAt;
}

/** A day begins at the digest's hour: a local time that daylight saving skips is the one after. */
async function digestDay(tx: ClientBase, { zone, digestHour }: ToldStore): Promise<DigestDay> {
  const { rows } = await tx.query<DigestDay>(
    `with local as (select (clock_timestamp() at time zone $1)::date as day),
     today as (select day, (day + make_interval(hours => $2)) at time zone $1 as at from local)
     select day, at <= clock_timestamp() as due,
       case when at > clock_timestamp() then at else (day + 1 + make_interval(hours => $2)) at time zone $1 end as "nextAt"
     from today`,
    [zone, digestHour],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a query without a table gave no row');
  return row;
}

async function readDigested(
  tx: ClientBase,
  { id, zone, digestHour }: ToldStore,
  day: string,
): Promise<Map<bigint, ToldAs>> {
  const { rows } = await tx.query<{ id: bigint; over: boolean }>(
    `with bounds as (
       select ($2::date + make_interval(hours => $3)) at time zone $4 as until,
         ($2::date - 1 + make_interval(hours => $3)) at time zone $4 as since)
     select i.id, coalesce(i.healed_at < b.until, false) as over from incidents i, bounds b
     where i.store = $1 and i.opened_at < b.until and (i.healed_at is null or i.healed_at >= b.since)
       and (i.muted_until is null or i.muted_until < clock_timestamp())
       and not exists (select from notifications n where n.store = $1 and n.what = 'digest' and n.day = $2)`,
    [id, day, digestHour, zone],
  );
  return new Map(rows.map(({ id: incident, over }) => [incident, over ? 'over' : 'open']));
}

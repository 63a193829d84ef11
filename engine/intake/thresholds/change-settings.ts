import { Refusal } from '../../../domain/refusal.js';
import type { Week } from '../../../domain/intake/opening-hours.js';
import type { Db } from './settings.js';

/** What a store says of itself, replaced as a whole. The hours must be valid. */
export interface NewSettings {
  readonly week: Week;
  readonly holidays: readonly string[];
  readonly alarmsPerDay: number | null;
  readonly medianHours: number;
}

/** Holds for orders that are looked at from now on, and for what is learned next. Throws Refusal `store.not_found`. */
export async function changeThresholdSettings(
  db: Db,
  store: string,
  { week, holidays, alarmsPerDay, medianHours }: NewSettings,
): Promise<void> {
  const { rowCount } = await db.query(
    `insert into threshold_settings (store, week, holidays, alarms_per_day, median_hours)
     select id, $2, $3::date[], $4, $5 from stores where id = $1
     on conflict (store) do update set week = excluded.week, holidays = excluded.holidays,
       alarms_per_day = excluded.alarms_per_day, median_hours = excluded.median_hours`,
    [store, JSON.stringify(week), holidays, alarmsPerDay, medianHours],
  );
  if (rowCount !== 1) throw new Refusal('store.not_found', `there is no store ${store}`);
}

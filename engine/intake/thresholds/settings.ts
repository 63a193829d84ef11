import type { ClientBase } from 'pg';
import { z } from 'zod';
import { businessClock, type Clock } from '../../../domain/intake/business-clock.js';
import { officeHours, type OpeningHours, problemOf } from '../../../domain/intake/opening-hours.js';
import { type Prior, PRIOR, priorOf } from '../../../domain/intake/thresholds/log-normal.js';

export type Db = Pick<ClientBase, 'query'>;

/** How the times of a store are measured, and what is believed of them beforehand. */
export interface ThresholdSettings {
  readonly business: Clock;
  readonly prior: Prior;
  /** False alarms a day; null for the usual share of the orders. */
  readonly budget: number | null;
}

interface Row {
  readonly zone: string;
  readonly week: unknown;
  readonly holidays: readonly string[] | null;
  readonly budget: number | null;
  readonly medianHours: number | null;
}

const week = z.array(z.array(z.tuple([z.number(), z.number()])).readonly()).readonly();

/** Undefined when there is no such store. */
export async function readThresholdSettings(
  db: Db,
  store: string,
): Promise<ThresholdSettings | undefined> {
  const { rows } = await db.query<Row>(
    `select s.zone, t.week, t.holidays::text[] as holidays, t.alarms_per_day as budget, t.median_hours as "medianHours"
     from stores s left join threshold_settings t on t.store = s.id where s.id = $1`,
    [store],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    business: clockFor(hoursOf(row)),
    prior: row.medianHours === null ? PRIOR : priorOf(row.medianHours),
    budget: row.budget,
  };
}

/** Hours that make no sense are those of offices: a wrong setting must not stop the watch over orders. */
function hoursOf({ zone, week: stored, holidays }: Row): OpeningHours {
  const parsed = week.safeParse(stored);
  const office = officeHours(zone);
  const hours = parsed.success ? { zone, week: parsed.data, holidays: holidays ?? [] } : office;
  if (problemOf(hours) === undefined) return hours;
  return problemOf(office) === undefined ? office : officeHours('UTC');
}

const MOST_CLOCKS = 500;
const clocks = new Map<string, Clock>();

/** A clock keeps the days it has computed, so it is kept, too. */
function clockFor(hours: OpeningHours): Clock {
  const key = JSON.stringify(hours);
  const known = clocks.get(key);
  if (known !== undefined) return known;
  if (clocks.size >= MOST_CLOCKS) clocks.clear();
  const clock = businessClock(hours);
  clocks.set(key, clock);
  return clock;
}

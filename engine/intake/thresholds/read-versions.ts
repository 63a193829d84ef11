import type { ClockKind } from '../../../domain/intake/business-clock.js';
import type { Method, RefusalReason } from '../../../domain/intake/thresholds/learn.js';
import type { Db } from './settings.js';

interface TierView {
  readonly p: number;
  readonly method: Method;
  readonly hours: number;
  readonly learnedHours: number | null;
}

/** One version of a threshold with the data behind it. */
export interface ThresholdView {
  readonly version: bigint;
  readonly status: string;
  readonly paymentMethod: string | null;
  readonly madeAt: Date;
  readonly clock: ClockKind;
  readonly exits: number;
  readonly censored: number;
  readonly verify: TierView;
  readonly alert: TierView;
  readonly alarmsPerDay: number;
  readonly refused: RefusalReason | null;
  readonly frozen: boolean;
}

const COLUMNS = `version, status, payment_method as "paymentMethod", made_at as "madeAt", clock, exits, censored,
  json_build_object('p', verify_p, 'method', verify_method, 'hours', verify_hours, 'learnedHours', verify_learned_hours) as verify,
  json_build_object('p', alert_p, 'method', alert_method, 'hours', alert_hours, 'learnedHours', alert_learned_hours) as alert,
  alarms_per_day as "alarmsPerDay", refused, frozen`;

/** What is in force: of each status the versions of its last learning. Undefined when there is no such store. */
export async function readCurrentThresholds(
  db: Db,
  store: string,
): Promise<ThresholdView[] | undefined> {
  const known = await db.query('select 1 from stores where id = $1', [store]);
  if (known.rowCount === 0) return undefined;
  const { rows } = await db.query<ThresholdView>(
    `select ${COLUMNS} from (
       select v.*, rank() over (partition by status order by made_at desc) as age
       from threshold_versions v where store = $1) v
     where age = 1 order by status, payment_method nulls first`,
    [store],
  );
  return rows;
}

/** All versions, the newest first, before the version with that number. */
export async function readThresholdVersions(
  db: Db,
  store: string,
  before: bigint | undefined,
  limit: number,
): Promise<ThresholdView[]> {
  const { rows } = await db.query<ThresholdView>(
    `select ${COLUMNS} from threshold_versions
     where store = $1 and ($2::bigint is null or version < $2) order by version desc limit $3`,
    [store, before ?? null, limit],
  );
  return rows;
}

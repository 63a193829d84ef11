import type { Learned } from '../../../domain/intake/thresholds/learn.js';
import type { Db } from './settings.js';

interface VersionOf {
  readonly store: string;
  readonly status: string;
  readonly paymentMethod: string | null;
}

/** Nothing when a version of that time exists. */
export async function writeVersion(
  db: Db,
  { store, status, paymentMethod }: VersionOf,
  madeAt: Date,
  { verify, alert, ...learned }: Learned,
): Promise<void> {
  await db.query(
    `insert into threshold_versions (store, status, payment_method, made_at, clock, exits, censored,
       verify_p, verify_method, verify_hours, verify_learned_hours,
       alert_p, alert_method, alert_hours, alert_learned_hours, alarms_per_day, refused, frozen)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     on conflict do nothing`,
    [
      ...[store, status, paymentMethod, madeAt, learned.clock, learned.exits, learned.censored],
      ...[verify.p, verify.method, verify.hours, verify.learnedHours],
      ...[alert.p, alert.method, alert.hours, alert.learnedHours],
      ...[learned.alarmsPerDay, learned.refused, learned.frozen],
    ],
  );
}

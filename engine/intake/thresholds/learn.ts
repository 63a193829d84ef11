import { groupBy } from '../../../domain/group-by.js';
import { mayBeStuck } from '../../../domain/intake/thresholds/defaults.js';
import { type Before, learnThreshold } from '../../../domain/intake/thresholds/learn.js';
import type { Stay } from '../../../domain/intake/thresholds/stay.js';
import { hasEnded, newestOf, readStays, type StoredStay } from './read-stays.js';
import { type Db, readThresholdSettings, type ThresholdSettings } from './settings.js';
import { writeVersion } from './write-version.js';

/** A payment method with as many exits has a threshold of its own. */
const EXITS_OF_METHOD = 60;

interface Stratum {
  readonly status: string;
  readonly paymentMethod: string | null;
  readonly stays: readonly Stay[];
}

/**
 * Writes a version of every threshold of the store, as of the store's time `now`; the number of versions. Meant for once a night; again
 * at the same time it writes nothing. Runs in the caller's transaction.
 */
export async function learnThresholds(db: Db, store: string, now: Date): Promise<number> {
  const settings = await readThresholdSettings(db, store);
  if (settings === undefined) return 0;
  const strata = strataOf(await readStays(db, store, now), now);
  for (const stratum of strata) await learnStratum(db, store, stratum, settings, now);
  return strata.length;
}

function strataOf(stays: readonly StoredStay[], now: Date): Stratum[] {
  const open = stays.filter(({ status }) => mayBeStuck(status));
  return [...groupBy(open, ({ status }) => status)].flatMap(([status, ofStatus]) => {
    const methods = [...groupBy(ofStatus, ({ paymentMethod }) => paymentMethod)]
      .filter(([, own]) => exitsOf(own, now) >= EXITS_OF_METHOD)
      .map(([paymentMethod, own]) => ({ status, paymentMethod, stays: own }));
    return [{ status, paymentMethod: null, stays: newestOf(ofStatus, now) }, ...methods];
  });
}

function exitsOf(stays: readonly Stay[], now: Date): number {
  return stays.filter((stay) => hasEnded(stay, now)).length;
}

async function learnStratum(
  db: Db,
  store: string,
  { status, paymentMethod, stays }: Stratum,
  { business, prior, budget }: ThresholdSettings,
  now: Date,
): Promise<void> {
  const of = { store, status, paymentMethod };
  const before = await readLearned(db, of, now);
  const learned = learnThreshold({ status, stays, business, now, before, prior, budget });
  await writeVersion(db, of, now, learned);
}

interface VersionOf {
  readonly store: string;
  readonly status: string;
  readonly paymentMethod: string | null;
}

/** The last version that holds something learned, be it kept from the one before. */
async function readLearned(
  db: Db,
  { store, status, paymentMethod }: VersionOf,
  now: Date,
): Promise<Before | null> {
  const { rows } = await db.query<Before>(
    `select clock, verify_hours as "verifyHours", alert_hours as "alertHours", made_at as since
     from threshold_versions
     where store = $1 and status = $2 and payment_method is not distinct from $3 and made_at < $4
       and verify_method <> 'default'
     order by made_at desc limit 1`,
    [store, status, paymentMethod, now],
  );
  return rows[0] ?? null;
}

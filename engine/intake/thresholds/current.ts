import { afterHours } from '../../../domain/intake/business-clock.js';
import { defaultThreshold, type Threshold } from '../../../domain/intake/thresholds/defaults.js';
import { clockOf, type Method } from '../../../domain/intake/thresholds/learn.js';
import { type Db, readThresholdSettings } from './settings.js';

/** When an order that entered its status at a time of the store is looked at, and when people are told. */
export interface CurrentThreshold {
  readonly verifyAfter: (enteredAt: Date) => Date;
  readonly alertAfter: (enteredAt: Date) => Date;
  /** Null where nothing was learned or refused yet. */
  readonly version: bigint | null;
  /** Of the alert tier. */
  readonly method: Method;
}

export interface ThresholdOf {
  readonly store: string;
  readonly status: string;
  readonly paymentMethod: string;
}

interface Row extends Threshold {
  readonly version: bigint;
  readonly method: Method;
}

/** Of the last learning: the payment method's own threshold, or that of the status; before it, the default. */
export async function currentThreshold(
  db: Db,
  { store, status, paymentMethod }: ThresholdOf,
): Promise<CurrentThreshold> {
  const { rows } = await db.query<Row>(
    `select version, clock, verify_hours as "verifyHours", alert_hours as "alertHours", alert_method as method
     from threshold_versions where store = $1 and status = $2 and (payment_method = $3 or payment_method is null)
     order by made_at desc, payment_method nulls last limit 1`,
    [store, status, paymentMethod],
  );
  const settings = await readThresholdSettings(db, store);
  if (settings === undefined) throw new Error(`there is no store ${store}`);
  const [row] = rows;
  const threshold = row ?? defaultThreshold(status, settings.prior);
  const clock = clockOf(threshold.clock, settings.business);
  return {
    verifyAfter: (enteredAt) => afterHours(clock, enteredAt, threshold.verifyHours),
    alertAfter: (enteredAt) => afterHours(clock, enteredAt, threshold.alertHours),
    version: row?.version ?? null,
    method: row?.method ?? 'default',
  };
}

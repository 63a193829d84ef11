import { type Msat, satsToMsat, toMsat, ZERO_MSAT } from '../money.js';

export const BILLINGS = ['MONTHLY', 'YEARLY', 'ONCE'] as const;
export type Billing = (typeof BILLINGS)[number];

/** Of one period today. */
export const PRICES: Readonly<Record<Billing, Msat>> = {
  MONTHLY: satsToMsat(50_000n),
  YEARLY: satsToMsat(500_000n),
  ONCE: satsToMsat(3_000_000n),
};

/** How long a territory stays after what was paid for has ended. */
export const GRACE_DAYS = 5;
/** How often its renewal is tried meanwhile. */
export const RETRY_DAYS = 1;

const DAY_MS = 86_400_000;
const MONTHS: Readonly<Record<Exclude<Billing, 'ONCE'>, number>> = { MONTHLY: 1, YEARLY: 12 };
/** What spans so many days was bought for a year. */
const YEARLY_DAYS = 364;

/**
 * The end of a period that begins at `from`; null for ever. The rule of dates: calendar months in UTC, at the same time of day, on
 * the day of the month on which the first period began, or on the last day of a month that does not have it. January 31 is followed
 * by the last day of February, and that by March 31.
 */
export function periodEnd(billing: Billing, from: Date, anchorDay: number): Date | null {
  if (billing === 'ONCE') return null;
  const month = from.getUTCMonth() + MONTHS[billing];
  const year = from.getUTCFullYear();
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const end = new Date(from);
  end.setUTCFullYear(year, month, Math.min(anchorDay, lastDay));
  return end;
}

export function addDays(to: Date, days: number): Date {
  return new Date(to.getTime() + days * DAY_MS);
}

export interface Bought {
  readonly billing: Billing;
  readonly billedAt: Date;
  readonly paidUntil: Date | null;
}

/** What was really bought last, whatever the billing says now. */
export function purchased({ billedAt, paidUntil }: Bought): Billing {
  if (paidUntil === null) return 'ONCE';
  const days = (paidUntil.getTime() - billedAt.getTime()) / DAY_MS;
  return days >= YEARLY_DAYS ? 'YEARLY' : 'MONTHLY';
}

/**
 * What a change of billing costs: the difference to what was bought. Never less than 0: a change to something cheaper gives nothing
 * back and counts from the next period on. What is for ever stays so.
 */
export function priceOfChange(territory: Bought, to: Billing): Msat {
  if (to === territory.billing || territory.billing === 'ONCE') return ZERO_MSAT;
  const difference = PRICES[to] - PRICES[purchased(territory)];
  return difference > 0n ? toMsat(difference) : ZERO_MSAT;
}

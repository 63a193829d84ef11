import { type Clock, hoursBetween } from '../../../domain/intake/business-clock.js';

/** An order in a status, as the store has it. */
export interface Stay {
  readonly orderId: bigint;
  readonly status: string;
  readonly from: Date;
  /** Undefined: still. */
  readonly to: Date | undefined;
}

/** That an order is stuck, as people were told. */
export interface Told {
  readonly orderId: bigint;
  readonly status: string;
  readonly at: Date;
}

/** How long a status may take, from then on. */
export interface InForce {
  readonly status: string;
  readonly since: Date;
  readonly hours: number;
  readonly clock: Clock;
}

export interface Slack {
  /** How exactly a time of ours is known as one of the store. */
  readonly inexactHours: number;
  /** Within which what is due is done. */
  readonly lateHours: number;
}

const MS_PER_HOUR = 3_600_000;

/** What was told of orders that were not so, or not for so long, at the store. */
export function inventedStuck(
  stays: readonly Stay[],
  told: readonly Told[],
  inForce: readonly InForce[],
  { inexactHours }: Slack,
): Told[] {
  const inexactMs = inexactHours * MS_PER_HOUR;
  return told.filter(({ orderId, status, at }) => {
    const later = new Date(at.getTime() + inexactMs);
    const stay = stays.find(
      (one) =>
        one.orderId === orderId &&
        one.status === status &&
        one.from <= at &&
        (one.to === undefined || one.to.getTime() + inexactMs >= at.getTime()),
    );
    if (stay === undefined) return true;
    return !thresholdsIn(inForce, { ...stay, to: later }).some(
      ({ hours, clock }) => hoursBetween(clock, stay.from, later) >= hours,
    );
  });
}

/** Stays that nobody was told of, longer than any threshold that was in force meanwhile. */
export function missingStuck(
  stays: readonly Stay[],
  told: readonly Told[],
  inForce: readonly InForce[],
  now: Date,
  { lateHours }: Slack,
): Stay[] {
  return stays.filter((stay) => {
    const to = new Date(Math.min((stay.to ?? now).getTime(), now.getTime()));
    const thresholds = thresholdsIn(inForce, { ...stay, to });
    if (thresholds.length === 0) return false;
    const isLong = thresholds.every(
      ({ hours, clock }) => hoursBetween(clock, stay.from, to) > hours + lateHours,
    );
    return (
      isLong &&
      !told.some(({ orderId, status }) => orderId === stay.orderId && status === stay.status)
    );
  });
}

/** Those of its status that were in force at its beginning or came into force later, until it ended. */
function thresholdsIn(inForce: readonly InForce[], { status, from, to }: Stay): readonly InForce[] {
  const until = inForce.filter(
    (one) => one.status === status && (to === undefined || one.since <= to),
  );
  const before = until.filter(({ since }) => since <= from);
  const latest = Math.max(...before.map(({ since }) => since.getTime()));
  return until.filter(({ since }) => since > from || since.getTime() === latest);
}

/** A time in which no delivery came although the store changed orders. */
export interface Gap {
  readonly from: Date;
  readonly to: Date;
}

/** Gaps of at least so many hours. */
export function silentGaps(
  arrivals: readonly Date[],
  changes: readonly Date[],
  now: Date,
  leastHours: number,
): Gap[] {
  const times = [...arrivals, now].toSorted((a, b) => a.getTime() - b.getTime());
  return times.slice(1).flatMap((to, n) => {
    const from = times[n] ?? to;
    const isLong = to.getTime() - from.getTime() >= leastHours * MS_PER_HOUR;
    return isLong && changes.some((at) => at > from && at < to) ? [{ from, to }] : [];
  });
}

import { type Clock, hoursBetween } from '../business-clock.js';

/** One stay of an order in a status. */
export interface Stay {
  readonly enteredAt: Date;
  /** Null while it lasts. */
  readonly leftAt: Date | null;
}

/** How long a stay took; or, while it had not ended, how long it had lasted (censored). */
export interface Duration {
  readonly hours: number;
  readonly ended: boolean;
}

/** Longer stays tell no more than that they were longer. */
const CAP_DAYS = 30;
const MS_PER_DAY = 86_400_000;
/** The shortest time told apart from none, an order being handled in closed hours, say: one minute. */
const SHORTEST_HOURS = 1 / 60;

/** What was known at `now`: stays that began later are left out, those that had not ended are censored, and those past the cap at it. */
export function durationsAt(stays: readonly Stay[], clock: Clock, now: Date): Duration[] {
  return stays
    .filter(({ enteredAt }) => enteredAt < now)
    .map((stay) => durationAt(stay, clock, now));
}

export function durationAt({ enteredAt, leftAt }: Stay, clock: Clock, now: Date): Duration {
  const cap = new Date(enteredAt.getTime() + CAP_DAYS * MS_PER_DAY);
  const seen = now < cap ? now : cap;
  const ended = leftAt !== null && leftAt <= seen;
  const until = ended ? leftAt : seen;
  return { hours: Math.max(SHORTEST_HOURS, hoursBetween(clock, enteredAt, until)), ended };
}

export function countEnded(durations: readonly Duration[]): number {
  return durations.filter(({ ended }) => ended).length;
}

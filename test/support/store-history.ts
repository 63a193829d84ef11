import { afterHours, type Clock } from '../../domain/intake/business-clock.js';
import type { Stay } from '../../domain/intake/thresholds/stay.js';
import { seededRandom } from '../../simulators/lightning/faults/random.js';

/** A stay whose end is known, as it is once history is complete. */
export interface EndedStay extends Stay {
  readonly leftAt: Date;
}

/** How long a store takes to handle an order, in hours of its clock. */
export type HandlingTime = (random: () => number) => number;

/** Median 6 h, sigma 0.9. */
export const logNormalTime: HandlingTime = (random) => 6 * Math.exp(0.9 * normal(random));

/** Half of the orders within an hour or so, the others after a day of work. */
export const twoHumpedTime: HandlingTime = (random) =>
  random() < 0.5 ? 1.5 * Math.exp(0.4 * normal(random)) : 10 * Math.exp(0.4 * normal(random));

/** Shape 0.7: many are quick, few are very slow. */
export const weibullTime: HandlingTime = (random) => 6 * (-Math.log(1 - random())) ** (1 / 0.7);

/** Orders that come in at any hour, so many a day on average, for so many days. */
export function storeHistory({
  seed,
  time,
  clock,
  from,
  days,
  perDay = 10,
}: StoreHistory): EndedStay[] {
  const random = seededRandom(seed);
  const stays: EndedStay[] = [];
  for (let hours = -Math.log(1 - random()) * (24 / perDay); hours < days * 24;) {
    const enteredAt = new Date(from.getTime() + Math.round(hours * 3_600) * 1_000);
    stays.push({ enteredAt, leftAt: afterHours(clock, enteredAt, time(random)) });
    hours += -Math.log(1 - random()) * (24 / perDay);
  }
  return stays;
}

export interface StoreHistory {
  readonly seed: number;
  readonly time: HandlingTime;
  readonly clock: Clock;
  readonly from: Date;
  readonly days: number;
  readonly perDay?: number;
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

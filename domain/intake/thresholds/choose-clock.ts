import { type Clock, wallClock } from '../business-clock.js';
import { fitLogNormal, predictedLogDensity, type Prior } from './log-normal.js';
import { durationAt, durationsAt, type Stay } from './stay.js';

/** Of the stays, the share that the clocks are fitted to; the later ones are predicted. */
const FITTED_SHARE = 0.7;
/** Fewer ended stays to predict tell nothing. */
const LEAST_PREDICTED = 5;

/** A stay that has ended. */
interface Ended extends Stay {
  readonly leftAt: Date;
}

/**
 * The clock under which stays held out were likelier. Both densities are per hour by the wall, so that they can be compared: by the
 * business clock a stay ends in closed hours only with the share seen so far, and then as by the wall.
 */
export function chooseClock(
  stays: readonly Stay[],
  business: Clock,
  prior: Prior,
  now: Date,
): Clock {
  const ended = stays
    .filter((stay): stay is Ended => stay.leftAt !== null && stay.leftAt <= now)
    .sort((a, b) => a.leftAt.getTime() - b.leftAt.getTime());
  const fitted = ended.slice(0, Math.floor(ended.length * FITTED_SHARE));
  const last = fitted.at(-1);
  const predicted = ended
    .slice(fitted.length)
    .filter(({ enteredAt }) => last && enteredAt > last.leftAt);
  if (last === undefined || predicted.length < LEAST_PREDICTED) return business;
  const [byBusiness, byWall] = [business, wallClock].map((clock) =>
    fitLogNormal(durationsAt(stays, clock, last.leftAt), prior),
  );
  if (byBusiness === undefined || byWall === undefined) return business;
  const inClosed = fitted.filter(({ leftAt }) => !business.runsAt(leftAt)).length;
  const closedShare = (inClosed + 1) / (fitted.length + 2);
  let ahead = 0;
  for (const stay of predicted) {
    const wall = predictedLogDensity(byWall, durationAt(stay, wallClock, now).hours);
    ahead += business.runsAt(stay.leftAt)
      ? Math.log(1 - closedShare) +
        predictedLogDensity(byBusiness, durationAt(stay, business, now).hours) -
        wall
      : Math.log(closedShare);
  }
  return ahead >= 0 ? business : wallClock;
}

import type { TrueOrder } from '../../../simulators/store/control-client.js';
import type { LoggedDelivery } from '../../../simulators/store/webhooks/delivery-log.js';
import { type Month, STORE } from './month.js';
import { type Gap, silentGaps } from './stays.js';
import type { Compared } from './stuck.js';

/** Whether it is told depends on the hour of the week: between these, either is right. */
const NEVER_BELOW_HOURS = 3;
const ALWAYS_ABOVE_HOURS = 48;

/** Compares the incidents of silence with the times in which nothing came of what the store changed. */
export async function compareSilence(
  month: Month,
  truth: readonly TrueOrder[],
  arrived: readonly LoggedDelivery[],
): Promise<Compared> {
  const { now } = await month.control.state();
  const arrivals = arrived.map(({ at }) => at);
  const changes = truth.flatMap(({ statuses }) => statuses.map(({ since }) => since));
  const { rows } = await month.pool.query<{ at: Date }>(
    `select opened_at as at from incidents where store = $1 and kind = 'silence'`,
    [STORE],
  );
  const opened = rows.map(({ at }) => month.storeTime(at));
  const isIn = (gaps: readonly Gap[], at: Date): boolean =>
    gaps.some(({ from, to }) => from <= at && at <= to);
  const possible = silentGaps(arrivals, changes, now, NEVER_BELOW_HOURS);
  const certain = silentGaps(arrivals, changes, now, ALWAYS_ABOVE_HOURS);
  return {
    untrue: opened
      .filter((at) => !isIn(possible, at))
      .map((at) => `silence at ${at.toISOString()}`),
    untold: certain
      .filter(({ from, to }) => !opened.some((at) => from <= at && at <= to))
      .map(({ from, to }) => `silence from ${from.toISOString()} to ${to.toISOString()}`),
  };
}

import type { SiteZone } from '../site-time.js';

export interface BusinessHours {
  /** Days of the week on which people work; 0 is Sunday. */
  readonly days: readonly number[];
  /** Full hours of the site's time. */
  readonly open: number;
  readonly close: number;
}

const DAY = 86_400;

/** The second at which so much working time has passed since `start`. */
export function addBusinessSeconds(
  start: number,
  seconds: number,
  hours: BusinessHours,
  zone: SiteZone,
): number {
  let left = seconds;
  let midnight = Date.parse(`${zone.local(start).slice(0, 10)}T00:00:00Z`) / 1000;
  for (;;) {
    const date = new Date(midnight * 1000);
    if (hours.days.includes(date.getUTCDay())) {
      const at = (hour: number): number =>
        zone.seconds(new Date((midnight + hour * 3600) * 1000).toISOString().slice(0, 19));
      const from = Math.max(at(hours.open), start);
      const open = at(hours.close) - from;
      if (open >= left) return Math.ceil(from + left);
      left -= Math.max(open, 0);
    }
    midnight += DAY;
  }
}

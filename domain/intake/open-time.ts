import { IANAZone } from 'luxon';
import { type OpeningHours, problemOf } from './opening-hours.js';

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
/** Holidays and the weeks around them are passed within this, or there is a mistake. */
const MAX_DAYS = 20_000;

/** From the first instant, up to and without the second, in epoch milliseconds. */
type Span = readonly [from: number, to: number];

interface Day {
  readonly spans: readonly Span[];
  readonly openMs: number;
}

/** The instants at which a store is open, computed by days of UTC and kept. */
export class OpenTime {
  readonly #hours: OpeningHours;
  readonly #zone: IANAZone;
  readonly #holidays: ReadonlySet<string>;
  readonly #days = new Map<number, Day>();

  constructor(hours: OpeningHours) {
    const problem = problemOf(hours);
    if (problem !== undefined) throw new RangeError(problem);
    this.#hours = hours;
    this.#zone = IANAZone.create(hours.zone);
    this.#holidays = new Set(hours.holidays);
  }

  contains(instant: number): boolean {
    return this.#day(dayOf(instant)).spans.some(([from, to]) => from <= instant && instant < to);
  }

  between(from: number, to: number): number {
    if (to <= from) return 0;
    const last = dayOf(to);
    let ms = this.#openUntil(to) - this.#openUntil(from);
    for (let day = dayOf(from); day < last; day += 1) ms += this.#day(day).openMs;
    return ms;
  }

  after(from: number, ms: number): number {
    if (ms <= 0) return from;
    const first = dayOf(from);
    let left = ms + this.#openUntil(from);
    for (let number = first; number < first + MAX_DAYS; number += 1) {
      const day = this.#day(number);
      if (left <= day.openMs) return instantIn(day, left);
      left -= day.openMs;
    }
    throw new RangeError(`no ${ms} ms of opening hours after ${new Date(from).toISOString()}`);
  }

  /** Open milliseconds of the instant's day that are before it. */
  #openUntil(instant: number): number {
    return total(
      this.#day(dayOf(instant)).spans.map(([from, to]) => [from, Math.min(to, instant)]),
    );
  }

  #day(number: number): Day {
    const known = this.#days.get(number);
    if (known !== undefined) return known;
    const spans = this.#segments(number * MS_PER_DAY, (number + 1) * MS_PER_DAY)
      .flatMap((segment) => this.#openIn(segment))
      .filter(([from, to]) => from < to);
    const day = { spans, openMs: total(spans) };
    this.#days.set(number, day);
    return day;
  }

  /** Splits a day of UTC where the offset changes. */
  #segments(from: number, to: number): Span[] {
    const before = this.#zone.offset(from);
    if (this.#zone.offset(to - 1) === before) return [[from, to]];
    let [same, changed] = [from, to - 1];
    while (changed - same > 1) {
      const middle = Math.floor((same + changed) / 2);
      if (this.#zone.offset(middle) === before) same = middle;
      else changed = middle;
    }
    return [
      [from, changed],
      [changed, to],
    ];
  }

  /** The open spans within instants that all have one offset. */
  #openIn([from, to]: Span): Span[] {
    const offset = this.#zone.offset(from) * MS_PER_MINUTE;
    const first = dayOf(from + offset);
    const last = dayOf(to - 1 + offset);
    const dates = Array.from({ length: last - first + 1 }, (_, n) => first + n);
    return dates.flatMap((date) =>
      this.#localSpans(date).map(([opens, closes]): Span => {
        const midnight = date * MS_PER_DAY - offset;
        return [
          Math.max(from, midnight + opens * MS_PER_MINUTE),
          Math.min(to, midnight + closes * MS_PER_MINUTE),
        ];
      }),
    );
  }

  #localSpans(date: number): OpeningHours['week'][number] {
    const iso = new Date(date * MS_PER_DAY).toISOString().slice(0, 10);
    if (this.#holidays.has(iso)) return [];
    // The first day of the epoch was a Thursday, day 3 from Monday.
    return this.#hours.week[(((date + 3) % 7) + 7) % 7] ?? [];
  }
}

function dayOf(ms: number): number {
  return Math.floor(ms / MS_PER_DAY);
}

function total(spans: readonly Span[]): number {
  return spans.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0);
}

/** The instant by which so many of the day's open milliseconds have passed. */
function instantIn({ spans }: Day, ms: number): number {
  let left = ms;
  for (const [from, to] of spans) {
    if (left <= to - from) return from + left;
    left -= to - from;
  }
  throw new RangeError(`the day has no ${ms} ms`);
}

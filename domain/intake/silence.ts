import { DateTime } from 'luxon';

const HOUR_MS = 3_600_000;
const HOURS_OF_WEEK = 168;
/** Fewer pauses say nothing about what is usual. */
const ENOUGH_PAUSES = 50;
const USUAL = 0.99;
/** What is so much longer than the usual is asked about. */
const MARGIN = 2;
/** An hour of the week in which nothing ever came has this share of the mean rate. */
const LEAST_SHARE = 0.02;

/**
 * Whether the time since the last event is longer than is usual. Pauses are measured by how many events were to be expected in them:
 * each hour of the week, in the store's zone, has a rate of its own, so a night counts as little as it brings. `events` are in order.
 */
export function isSilent(events: readonly Date[], now: Date, zone: string): boolean {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined || events.length <= ENOUGH_PAUSES) return false;
  const expected = expectation(events, first.getTime(), now.getTime(), zone);
  const at = events.map((event) => expected(event.getTime()));
  const pauses = at
    .slice(1)
    .map((value, index) => value - (at[index] ?? value))
    .toSorted((a, b) => a - b);
  const usual = pauses[Math.floor(USUAL * (pauses.length - 1))] ?? Infinity;
  return expected(now.getTime()) - expected(last.getTime()) > MARGIN * usual;
}

/** How many events are to be expected from the first one to a time. */
function expectation(
  events: readonly Date[],
  first: number,
  now: number,
  zone: string,
): (at: number) => number {
  const start = Math.floor(first / HOUR_MS);
  const hours = Math.floor(now / HOUR_MS) - start + 1;
  const cells = Array.from({ length: hours }, (_, n) => hourOfWeek((start + n) * HOUR_MS, zone));
  const lastHour = Math.floor((events.at(-1)?.getTime() ?? now) / HOUR_MS) - start;
  const seen = new Array<number>(HOURS_OF_WEEK).fill(0);
  const counts = new Array<number>(HOURS_OF_WEEK).fill(0);
  // The silence itself does not count as usual.
  for (const cell of cells.slice(0, lastHour + 1)) seen[cell] = (seen[cell] ?? 0) + 1;
  for (const event of events) {
    const cell = cells[Math.floor(event.getTime() / HOUR_MS) - start] ?? 0;
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const mean = events.length / Math.max(1, lastHour + 1);
  const rates = seen.map((_, cell) => {
    const times = smoothed(seen, cell);
    return Math.max(times === 0 ? mean : smoothed(counts, cell) / times, LEAST_SHARE * mean);
  });
  const sums = [0];
  for (const cell of cells) sums.push((sums.at(-1) ?? 0) + (rates[cell] ?? mean));
  return (at) => {
    const hour = Math.floor(at / HOUR_MS) - start;
    const from = sums[hour] ?? 0;
    return from + ((sums[hour + 1] ?? from) - from) * ((at % HOUR_MS) / HOUR_MS);
  };
}

/** With the hours beside it: a cell has few weeks. */
function smoothed(values: readonly number[], cell: number): number {
  const at = (n: number): number => values[(n + HOURS_OF_WEEK) % HOURS_OF_WEEK] ?? 0;
  return (at(cell - 1) + 2 * at(cell) + at(cell + 1)) / 4;
}

function hourOfWeek(at: number, zone: string): number {
  const local = DateTime.fromMillis(at, { zone });
  return (local.weekday - 1) * 24 + local.hour;
}

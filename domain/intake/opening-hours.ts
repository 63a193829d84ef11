import { IANAZone } from 'luxon';

/** Minutes after local midnight, 0 to 1440: from the first, up to and without the last. */
export type OpenSpan = readonly [from: number, to: number];

/** Seven days, from Monday. */
export type Week = readonly (readonly OpenSpan[])[];

/** When the people of a store handle orders. */
export interface OpeningHours {
  /** IANA name, like `Europe/Paris`. */
  readonly zone: string;
  readonly week: Week;
  /** Local dates without opening hours, as `2026-12-25`. */
  readonly holidays: readonly string[];
}

const MINUTES_PER_DAY = 1440;
const NINE_TO_FIVE: OpenSpan = [9 * 60, 17 * 60];
const LOCAL_DATE = /^\d{4}-\d\d-\d\d$/;

/** Monday to Friday, 9 to 17: what is assumed of a store that has said nothing. */
export const OFFICE_WEEK: Week = [1, 2, 3, 4, 5, 6, 7].map((day) =>
  day <= 5 ? [NINE_TO_FIVE] : [],
);

export function officeHours(zone: string): OpeningHours {
  return { zone, week: OFFICE_WEEK, holidays: [] };
}

/** What is wrong with the hours, in words; undefined when nothing is. */
export function problemOf({ zone, week, holidays }: OpeningHours): string | undefined {
  if (!IANAZone.isValidZone(zone)) return `${zone} is not a time zone`;
  if (week.length !== 7) return 'a week has seven days';
  if (week.every((day) => day.length === 0)) return 'no day is open';
  if (!week.every(isInOrder)) {
    return 'the spans of a day are minutes from 0 to 1440, in order, without overlap';
  }
  const wrong = holidays.find((date) => !LOCAL_DATE.test(date));
  return wrong === undefined ? undefined : `${wrong} is not a date like 2026-12-25`;
}

function isInOrder(day: readonly OpenSpan[]): boolean {
  let end = 0;
  return day.every(([from, to]) => {
    const valid = Number.isInteger(from) && Number.isInteger(to) && from >= end && to > from;
    end = to;
    return valid && to <= MINUTES_PER_DAY;
  });
}

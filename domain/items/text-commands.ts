/** A request in the text of an item: `@delete in 2 days`, `@remindme in 1 hour`. */
export interface Delay {
  readonly amount: number;
  readonly unit: Unit;
}

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const;
type Unit = (typeof UNITS)[number];

export type TextCommand = 'DELETE' | 'REMIND';

const WORDS: Readonly<Record<TextCommand, string>> = { DELETE: 'delete', REMIND: 'remindme' };

/** Whatever is asked for is done within this. */
const LONGEST_YEARS = 10;

/**
 * The last such request in a text; undefined where there is none. Not after a word character; code does not protect from it. Source:
 * the peer's syntax.
 */
export function readCommand(text: string, command: TextCommand): Delay | undefined {
  const form = new RegExp(
    `\\B@${WORDS[command]}\\s+in\\s+(\\d{1,9})\\s+(${UNITS.join('|')})s?`,
    'gi',
  );
  const [, amount, word] = [...text.matchAll(form)].at(-1) ?? [];
  const unit = UNITS.find((one) => one === word?.toLowerCase());
  return amount === undefined || unit === undefined ? undefined : { amount: Number(amount), unit };
}

const SECONDS: Readonly<Record<Exclude<Unit, 'month' | 'year'>, number>> = {
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
  week: 604_800,
};

/**
 * When it is over, counted from then; undefined for what is longer than {@link LONGEST_YEARS} years. Months and years are those of the
 * calendar in UTC, and end on the last day of a month that is too short.
 */
export function endOf({ amount, unit }: Delay, from: Date): Date | undefined {
  const end =
    unit === 'month' || unit === 'year'
      ? addMonths(from, unit === 'year' ? 12 * amount : amount)
      : new Date(from.getTime() + amount * SECONDS[unit] * 1000);
  return end <= addMonths(from, 12 * LONGEST_YEARS) ? end : undefined;
}

function addMonths(from: Date, months: number): Date {
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const end = new Date(from);
  end.setUTCFullYear(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), lastDay));
  return end;
}

/** An instant in epoch microseconds, the precision of PostgreSQL's timestamps. A Date holds only milliseconds. */
export type Us = bigint;

const US_PER_MS = 1000n;
/** The last microsecond of the year 9999: RFC 3339 cannot express later times. */
export const MAX_US: Us = 253_402_300_799_999_999n;

/** The first microsecond of the year 1: there is no year 0 in PostgreSQL. */
const MIN_US: Us = -62_135_596_800_000_000n;

const ISO = /^(\d{4}-\d\d-\d\dT[0-5]\d:[0-5]\d:[0-5]\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:?[0-5]\d)$/;

export function usOfMs(ms: bigint): Us {
  return ms * US_PER_MS;
}

/** From seconds as a float, as pyaleph's requests carry them; rounded to the microsecond. */
export function usOfSeconds(seconds: number): Us {
  const whole = Math.floor(seconds);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((seconds - whole) * 1_000_000));
}

/**
 * From RFC 3339 with up to six fractional digits; undefined when the text is not an instant of the years 1 to 9999, or names a day
 * or an hour that no calendar has, such as 30 February.
 */
export function usOfIso(text: string): Us | undefined {
  const [, seconds, fraction = '', zone = ''] = ISO.exec(text) ?? [];
  if (seconds === undefined || !isOnCalendar(seconds)) return undefined;
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  const at = usOfMs(BigInt(ms)) + BigInt(fraction.padEnd(6, '0'));
  return MIN_US <= at && at <= MAX_US ? at : undefined;
}

/** Date.parse takes 30 February for 2 March, and 24:00 for the next day. */
function isOnCalendar(seconds: string): boolean {
  const ms = Date.parse(`${seconds}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(seconds);
}

/** RFC 3339 in UTC, with as many fractional digits as needed: none, three or six. */
export function isoOfUs(at: Us): string {
  const ms = at / US_PER_MS - (at % US_PER_MS < 0n ? 1n : 0n);
  const rest = at - ms * US_PER_MS;
  const iso = new Date(Number(ms)).toISOString();
  if (rest !== 0n) return iso.replace('Z', `${rest.toString().padStart(3, '0')}Z`);
  return iso.replace('.000Z', 'Z');
}

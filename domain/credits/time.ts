/** A moment as epoch microseconds: what PostgreSQL's timestamps hold, and Dates do not. */
export type Us = bigint;

const US_PER_MS = 1000n;
/** The last microsecond of the year 9999: later times have no RFC 3339 form. */
export const MAX_US: Us = 253_402_300_799_999_999n;

const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:?\d\d)$/;

export function usOfMs(ms: bigint): Us {
  return ms * US_PER_MS;
}

/** Seconds as a peer's message carries them: a float, rounded to the microsecond. */
export function usOfSeconds(seconds: number): Us {
  const whole = Math.floor(seconds);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((seconds - whole) * 1_000_000));
}

/** RFC 3339, up to six digits of a second; undefined when it is not a time. */
export function usOfIso(text: string): Us | undefined {
  const [, seconds, fraction = '', zone = ''] = ISO.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return usOfMs(BigInt(ms)) + BigInt(fraction.padEnd(6, '0'));
}

/** RFC 3339 in UTC, with as many digits of a second as it takes: none, three or six. */
export function isoOfUs(at: Us): string {
  const ms = at / US_PER_MS - (at % US_PER_MS < 0n ? 1n : 0n);
  const rest = at - ms * US_PER_MS;
  const iso = new Date(Number(ms)).toISOString();
  if (rest !== 0n) return iso.replace('Z', `${rest.toString().padStart(3, '0')}Z`);
  return iso.replace('.000Z', 'Z');
}

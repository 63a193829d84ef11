/** Longer waits are cut: a header must not silence a store for days. */
const LONGEST_MS = 3_600_000;

/** What a Retry-After header asks for, in seconds or as a date. Undefined when it is missing or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_MS);
}

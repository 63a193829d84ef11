/** The last second of the year 9999: RFC 3339 has no later one, and Date ends soon after. */
const LATEST_SECONDS = 253_402_300_799;

/**
 * When an invoice of anybody expires, from what it says: its time, in seconds of Unix, and for how many seconds it is valid. It may say
 * anything: what ends after the year 9999 counts as its end.
 */
export function invoiceExpiry(timestamp: number | bigint, validSeconds: number | bigint): Date {
  return new Date(Math.min(Number(timestamp) + Number(validSeconds), LATEST_SECONDS) * 1000);
}

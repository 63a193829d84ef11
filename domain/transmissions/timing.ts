/** Whole seconds that a message occupies the channel. */
export function serializationSeconds(otaBytes: number, rate: number): number {
  return Math.ceil(otaBytes / rate);
}

/** An order that waits for its channel is checked this often, in case a wake was lost. No rule depends on it. */
export const RECHECK_SECONDS = 300;

export interface OnAir {
  readonly otaBytes: number;
  /** Bytes per second. */
  readonly rate: number;
  /** How long regions may take to confirm once the message must have been sent. */
  readonly timeoutSeconds: number;
}

/**
 * Seconds after the start of a transmission in which a region must confirm: sending takes its time, then the timeout counts. Once a
 * region has confirmed, the message has been sent, and the others have `timeoutSeconds` from then on.
 */
export function confirmationTimeout({ otaBytes, rate, timeoutSeconds }: OnAir): number {
  return serializationSeconds(otaBytes, rate) + timeoutSeconds;
}

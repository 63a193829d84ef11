/** Whole seconds that a message occupies the line. */
export function serializationSeconds(otaBytes: number, rate: number): number {
  return Math.ceil(otaBytes / rate);
}

/**
 * An order that waits for the line is looked at this often, in case whoever freed it was not able to tell: nothing rests
 * on it.
 */
export const RECHECK_SECONDS = 300;

/** The same for one whose owner is to call the node. */
export const RECHECK_CALL_SECONDS = 15;

export interface OnAir {
  readonly state: 'transmitting' | 'confirming';
  readonly txConfirmations: number;
  /** How often it was sent again. */
  readonly retryCount: number;
  readonly otaBytes: number;
  /** Bytes per second. */
  readonly rate: number;
  readonly timeoutSeconds: number;
}

export interface ConfirmationTimeout {
  readonly since: 'last_tx_confirmation' | 'last_attempt' | 'start';
  readonly seconds: number;
}

/**
 * How long the missing regions are waited for before the message is sent to them again. Once a region has confirmed the message
 * must have been sent, so only the timeout counts; before that, sending takes its time too.
 */
export function confirmationTimeout(order: OnAir): ConfirmationTimeout {
  if (order.state === 'confirming' && order.txConfirmations > 0) {
    return { since: 'last_tx_confirmation', seconds: order.timeoutSeconds };
  }
  const seconds = serializationSeconds(order.otaBytes, order.rate) + order.timeoutSeconds;
  return { since: order.retryCount > 0 ? 'last_attempt' : 'start', seconds };
}

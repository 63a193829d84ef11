import { describe, expect, it } from 'vitest';
import { type OnAir, confirmationTimeout } from '../../../../domain/transmissions/timing.js';

const order: OnAir = {
  state: 'transmitting',
  txConfirmations: 0,
  retryCount: 0,
  otaBytes: 10_364,
  rate: 1000,
  timeoutSeconds: 60,
};

describe('the patience for missing regions', () => {
  it('case 3: no confirmation ever counts from the start, sending included', () => {
    expect(confirmationTimeout(order)).toEqual({ since: 'start', seconds: 71 });
  });

  it('case 2: a repetition that nobody has confirmed counts from its attempt, sending included', () => {
    const repeated = { ...order, retryCount: 1 };
    expect(confirmationTimeout(repeated)).toEqual({ since: 'last_attempt', seconds: 71 });
    // Confirmations of earlier attempts do not count for this one.
    expect(confirmationTimeout({ ...repeated, txConfirmations: 2 })).toEqual({
      since: 'last_attempt',
      seconds: 71,
    });
  });

  it('case 1: after a confirmation only the timeout counts, from the last one, repeated or not', () => {
    const confirming: OnAir = { ...order, state: 'confirming', txConfirmations: 1 };
    const expected = { since: 'last_tx_confirmation', seconds: 60 };
    expect(confirmationTimeout(confirming)).toEqual(expected);
    expect(confirmationTimeout({ ...confirming, retryCount: 3 })).toEqual(expected);
  });
});

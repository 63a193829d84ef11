import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confirmationTimeout, type OnAir } from '../../../../domain/transmissions/timing.js';

const message: OnAir = { otaBytes: 10_364, rate: 1000, timeoutSeconds: 60 };

describe('the confirmation timeout', () => {
  it('is the time of sending, in whole seconds, and the timeout', () => {
    expect(confirmationTimeout(message)).toBe(71);
  });

  it('grows with the message and shrinks with the rate, and is never below the timeout', () => {
    const number = fc.integer({ min: 1, max: 2_000_000 });
    fc.assert(
      fc.property(number, number, number, (otaBytes, more, rate) => {
        const seconds = confirmationTimeout({ otaBytes, rate, timeoutSeconds: 60 });
        expect(seconds).toBeGreaterThan(60);
        expect(seconds).toBeLessThanOrEqual(
          confirmationTimeout({ otaBytes: otaBytes + more, rate, timeoutSeconds: 60 }),
        );
        expect(seconds).toBeGreaterThanOrEqual(
          confirmationTimeout({ otaBytes, rate: rate + more, timeoutSeconds: 60 }),
        );
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minBid, otaBytes } from '../../../../domain/transmissions/bid.js';
import { serializationSeconds } from '../../../../domain/transmissions/timing.js';

const LIMITS = { minBidMsat: 1000n, minPerByteBidMsat: 1n };

describe('bids', () => {
  /** As measured of the peer: size, bytes on air, lowest bid, seconds at 1000, 500 and 125 bytes per second. */
  it.each([
    [1, 53, 1000n, 1, 1, 1],
    [100, 152, 1000n, 1, 1, 2],
    [1024, 1076, 1076n, 2, 3, 9],
    [1464, 1516, 1516n, 2, 4, 13],
    [1465, 1569, 1569n, 2, 4, 13],
    [10_000, 10_364, 10_364n, 11, 21, 83],
    [1_048_576, 1_085_860, 1_085_860n, 1086, 2172, 8687],
  ])('a message of %i bytes takes %i bytes on air', (size, ota, lowest, at1000, at500, at125) => {
    expect(otaBytes(size)).toBe(ota);
    expect(minBid(size, LIMITS)).toBe(lowest);
    expect([1000, 500, 125].map((rate) => serializationSeconds(ota, rate))).toEqual([
      at1000,
      at500,
      at125,
    ]);
  });

  it('never falls as a message grows, and counts every byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16_200_000 }), (size) => {
        expect(otaBytes(size + 1)).toBeGreaterThan(otaBytes(size));
        expect(minBid(size + 1, LIMITS)).toBeGreaterThanOrEqual(minBid(size, LIMITS));
        expect(minBid(size, LIMITS)).toBeGreaterThanOrEqual(BigInt(size));
      }),
    );
  });

  it('follows the configured limits', () => {
    expect(minBid(1, { minBidMsat: 0n, minPerByteBidMsat: 3n })).toBe(159n);
    expect(minBid(1, { minBidMsat: 160n, minPerByteBidMsat: 3n })).toBe(160n);
  });
});

it('a bid per byte may have a fraction, and is rounded up as the peer does', () => {
  const limits = { minBidMsat: 0n, minPerByteBidMsat: 0n, minPerByteBidMicros: 500_000n };
  expect(minBid(1, limits)).toBe(27n);
  expect(minBid(100, limits)).toBe(76n);
});

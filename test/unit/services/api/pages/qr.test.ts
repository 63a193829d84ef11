import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import jsQR from 'jsqr';
import { qrPath } from '../../../../../services/api/pages/parts/qr.js';

const SCALE = 4;

/** Draws the path as a browser would, dark on white. */
function drawn(text: string): { readonly pixels: Uint8ClampedArray; readonly side: number } {
  const { path, side } = qrPath(text);
  const width = side * SCALE;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, n] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row += 1) {
      const from = (row * width + Number(x) * SCALE) * 4;
      for (let at = from; at < from + Number(n) * SCALE * 4; at += 4) pixels.fill(0, at, at + 3);
    }
  }
  return { pixels, side: width };
}

describe('a QR code', () => {
  it('is read as what it was made of', () => {
    const text = fc.stringMatching(/^LNBCRT[0-9QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{20,600}$/);
    fc.assert(
      fc.property(text, (bolt11) => {
        const { pixels, side } = drawn(bolt11);
        expect(jsQR.default(pixels, side, side)?.data).toBe(bolt11);
      }),
      { numRuns: 30 },
    );
  });
});

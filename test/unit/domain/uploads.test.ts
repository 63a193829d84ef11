import { describe, expect, it } from 'vitest';
import { contentTypeOf, mediaFeeOf, uploadsIn } from '../../../domain/uploads.js';

const MB = 1024 * 1024;

describe('uploads', () => {
  it.each([
    [{ anonymous: false, paidBytes: 0, unpaidBytes: 250 * MB, unpaidFiles: 50 }, 0n],
    [{ anonymous: false, paidBytes: 1, unpaidBytes: 250 * MB, unpaidFiles: 50 }, 5_000_000n],
    [{ anonymous: true, paidBytes: 0, unpaidBytes: 1, unpaidFiles: 2 }, 200_000n],
    [{ anonymous: true, paidBytes: 0, unpaidBytes: 0, unpaidFiles: 0 }, 0n],
  ])('%j cost %i msat', (volume, fee) => {
    expect(mediaFeeOf(volume)).toBe(fee);
  });

  it('a file is what its content says', () => {
    const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
    expect(contentTypeOf(Uint8Array.from(png))).toBe('image/png');
    expect(contentTypeOf(Uint8Array.from(png.slice(0, 7)))).toBeUndefined();
    expect(contentTypeOf(Buffer.from('<script>'))).toBeUndefined();
    expect(contentTypeOf(Buffer.alloc(0))).toBeUndefined();
  });

  it('a text shows each file once, however it is written', () => {
    const id = '5b0c1f4e-1111-4222-8333-0123456789ab';
    const url = `https://example.com/v1/uploads/${id}/bytes`;
    expect(uploadsIn(`![a](${url}) and ${url.toUpperCase()}`)).toEqual([id]);
    expect(uploadsIn('/v1/uploads/5b0c1f4e')).toEqual([]);
  });
});

import {
  conversationKey,
  encryptionFor,
  openNip44,
  publicKeyOf,
  sealNip44,
} from '@quittance/sdk/nwc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (given: Uint8Array): string => Buffer.from(given).toString('hex');
const number = (n: number): string => n.toString(16).padStart(64, '0');

/** From the vectors that NIP-44 refers to (nip44.vectors.json, version 2). */
const SHARED = 'c41c775356fd92eadc63ff5a0dc1da211b268cbea22316767095b2871ea1412d';
const SEALED = [
  {
    ...{ key: SHARED, nonce: number(1), text: 'a' },
    payload:
      'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABee0G5VSK0/9YypIObAtDKfYEAjD35uVkHyB0F4DwrcNaCXlCWZKaArsGrY6M9wnuTMxWfp1RTN9Xga8no+kF5Vsb',
  },
  {
    ...{ key: SHARED, text: '🍕🫃' },
    nonce: 'f00000000000000000000000000000f00000000000000000000000000000000f',
    payload:
      'AvAAAAAAAAAAAAAAAAAAAPAAAAAAAAAAAAAAAAAAAAAPSKSK6is9ngkX2+cSq85Th16oRTISAOfhStnixqZziKMDvB0QQzgFZdjLTPicCJaV8nDITO+QfaQ61+KbWQIOO2Yj',
  },
  {
    key: '3e2b52a63be47d34fe0a80e34e73d436d6963bc8f39827f327057a9986c20a45',
    nonce: 'b635236c42db20f021bb8d1cdff5ca75dd1a0cc72ea742ad750f33010b24f73b',
    text: '表ポあA鷗ŒéＢ逍Üßªąñ丂㐀𠀀',
    payload:
      'ArY1I2xC2yDwIbuNHN/1ynXdGgzHLqdCrXUPMwELJPc7s7JqlCMJBAIIjfkpHReBPXeoMCyuClwgbT419jUWU1PwaNl4FEQYKCDKVJz+97Mp3K+Q2YGa77B6gpxB/lr1QgoqpDf7wDVrDmOqGoiPjWDqy8KzLueKDcm9BVP8xeTJIxs=',
  },
];
const CONVERSATIONS = [
  [number(1), 'c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5', SHARED],
  [
    '315e59ff51cb9209768cf7da80791ddcaae56ac9775eb25b6dee1234bc5d2268',
    'c2f9d9948dc8c7c38321e4b85c8558872eafa0641cd269db76848a6073e69133',
    '3dfef0ce2a4d80a25e7a328accf73448ef67096f65f79588e358d9a0eb9013f1',
  ],
  [
    'a1e37752c9fdc1273be53f68c5f74be7c8905728e8de75800b94262f9497c86e',
    '03bb7947065dde12ba991ea045132581d0954f042c84e06d8c00066e23c1a800',
    '4d14f36e81b8452128da64fe6f1eae873baae2f444b02c950b90e43553f2178b',
  ],
] as const;
const NO_KEYS = [
  ['f'.repeat(64), '1234567890abcdef'.repeat(4), 'a secret above the order'],
  [number(0), '1234567890abcdef'.repeat(4), 'a secret of 0'],
  [number(2), '1234567890abcdef'.repeat(4), 'no point of the curve'],
  [number(2), 'f'.repeat(64), 'no element of the field'],
] as const;
/** Of a text of so many bytes. */
const PADDED = [
  ...[
    [1, 32],
    [32, 32],
    [33, 64],
    [64, 64],
    [65, 96],
    [100, 128],
    [111, 128],
    [200, 224],
  ],
  ...[
    [250, 256],
    [320, 320],
    [383, 384],
    [384, 384],
    [400, 448],
    [500, 512],
    [515, 640],
  ],
  ...[
    [700, 768],
    [800, 896],
    [900, 1024],
    [1020, 1024],
    [65_535, 65_536],
  ],
] as const;

describe('NIP-44', () => {
  it.each(CONVERSATIONS)('the key of %s and %s is as published', (secret, other, key) => {
    expect(hex(conversationKey(bytes(secret), other))).toBe(key);
  });

  it('the key is the same for both sides', () => {
    const [one, two] = [bytes(number(1)), bytes(number(2))];
    expect(conversationKey(two, publicKeyOf(one))).toEqual(conversationKey(one, publicKeyOf(two)));
  });

  it.each(NO_KEYS)('%s and %s have none: %s', (secret, other) => {
    expect(() => conversationKey(bytes(secret), other)).toThrow();
  });

  it.each(SEALED)('$text is sealed and opened as published', ({ key, nonce, text, payload }) => {
    expect(sealNip44(bytes(key), bytes(nonce), text)).toBe(payload);
    expect(openNip44(bytes(key), payload)).toBe(text);
  });

  it.each([
    [
      'another version, in clear',
      '##Atqupco0WyaOW2IGDKcshwxI9xO8HgD/P8Ddt46CbxDbOsrsqIEyf8ccwhlrnI/Cx03mDSmeweOLKD7dw5BDZQDxXe2FwUJ8Ag25VoJ4MGhjlPCNmCU/Uqk4k0jwbhgR3fRh',
    ],
    [
      'version 0',
      'AK1AjUvoYW3IS7C/BGRUoqEC7ayTfDUgnEPNeWTF/reBA4fZmoHrtrz5I5pCHuwWZ22qqL/Xt1VidEZGMLds0yaJ5VwUbeEifEJlPICOFt1ssZJxCUf43HvRwCVTFskbhSMh',
    ],
    [
      'no base64',
      'Atqupco0WyaOW2IGDKcshwxI9xO8HgD/P8Ddt46CbxDbOsrsqIEybscEwg5rnI/Cx03mDSmeweOLKD,7dw5BDZQDxXSlCwX1LIcTJEZaJPTz98Ftu0zSE0d93ED7OtdlvNeZx',
    ],
    ['too short', 'AgAA'],
  ])('%s is not opened', (_, payload) => {
    expect(() => openNip44(bytes(SHARED), payload)).toThrow();
  });

  it.each(PADDED)('%i bytes are padded to %i', (length, padded) => {
    const payload = sealNip44(bytes(SHARED), bytes(number(1)), 'x'.repeat(length));
    expect(Buffer.from(payload, 'base64')).toHaveLength(1 + 32 + 2 + padded + 32);
  });

  it.each([0, 65_536])('%i bytes are no text', (length) => {
    expect(() => sealNip44(bytes(SHARED), bytes(number(1)), 'x'.repeat(length))).toThrow();
  });

  it('gives back what was sealed, and refuses what was changed', () => {
    const key = bytes(SHARED);
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), fc.nat(), (text, at) => {
        const payload = sealNip44(key, bytes(number(1)), text);
        expect(openNip44(key, payload)).toBe(text);
        const changed = Buffer.from(payload, 'base64');
        const index = at % changed.length;
        changed[index] = (changed[index] ?? 0) ^ 1;
        expect(() => openNip44(key, changed.toString('base64'))).toThrow();
      }),
    );
  });

  it('a text that begins with a byte order mark keeps it', () => {
    const key = bytes(SHARED);
    expect(openNip44(key, sealNip44(key, bytes(number(1)), '\ufeffx'))).toBe('\ufeffx');
  });
});

it('NIP-04 decrypts what it encrypted, with either key', async () => {
  const [one, two] = [bytes(number(1)), bytes(number(2))];
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      const payload = await encryptionFor('nip04', one, publicKeyOf(two)).encrypt(text);
      expect(await encryptionFor('nip04', two, publicKeyOf(one)).decrypt(payload)).toBe(text);
    }),
    { numRuns: 20 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSignedBy, signEvent } from '../../../../../adapters/lightning/wallets/nostr/event.js';
import { publicKeyOf } from '../../../../../adapters/lightning/wallets/nostr/keys.js';
import {
  decryptNip04,
  encryptNip04,
} from '../../../../../adapters/lightning/wallets/nostr/nip04.js';
import {
  conversationKey,
  decryptNip44,
  encryptNip44,
} from '../../../../../adapters/lightning/wallets/nostr/nip44.js';
import { readWalletConnectUri } from '../../../../../adapters/lightning/wallets/nostr/wallet-connect.js';

const secret = (n: number): Buffer => Buffer.from(n.toString(16).padStart(64, '0'), 'hex');
const [ONE, TWO] = [secret(1), secret(2)];

describe('NIP-44', () => {
  /** The first vector of the specification (nip44.vectors.json). */
  const KEY = 'c41c775356fd92eadc63ff5a0dc1da211b268cbea22316767095b2871ea1412d';
  const PAYLOAD =
    'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABee0G5VSK0/9YypIObAtDKfYEAjD35uVkHyB0F4DwrcNaCXlCWZKaArsGrY6M9wnuTMxWfp1RTN9Xga8no+kF5Vsb';

  test('encrypts and decrypts as its specification says', () => {
    const key = conversationKey(ONE, publicKeyOf(TWO));
    expect(key.toString('hex')).toBe(KEY);
    expect(conversationKey(TWO, publicKeyOf(ONE))).toEqual(key);
    expect(encryptNip44('a', key, secret(1))).toBe(PAYLOAD);
    expect(decryptNip44(PAYLOAD, key)).toBe('a');
  });

  test('decrypts what it encrypted, and nothing that was changed', () => {
    const key = conversationKey(ONE, publicKeyOf(TWO));
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 2_000, unit: 'grapheme' }),
        fc.nat(),
        (text, at) => {
          const payload = encryptNip44(text, key);
          expect(decryptNip44(payload, key)).toBe(text);
          const bytes = Buffer.from(payload, 'base64');
          const index = at % bytes.length;
          bytes[index] = (bytes[index] ?? 0) ^ 1;
          expect(() => decryptNip44(bytes.toString('base64'), key)).toThrow();
        },
      ),
    );
  });
});

test('NIP-04 decrypts what it encrypted, with either key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const payload = encryptNip04(text, ONE, publicKeyOf(TWO));
      expect(decryptNip04(payload, TWO, publicKeyOf(ONE))).toBe(text);
    }),
    { numRuns: 20 },
  );
});

test('an event is of whom has signed it, as it was signed', () => {
  const event = signEvent({ created_at: 1, kind: 23194, tags: [['p', 'x']], content: 'é"\n' }, ONE);
  expect(isSignedBy(event, publicKeyOf(ONE))).toBe(true);
  expect(isSignedBy(event, publicKeyOf(TWO))).toBe(false);
  expect(isSignedBy({ ...event, content: 'other' }, publicKeyOf(ONE))).toBe(false);
  expect(isSignedBy({ ...event, sig: '0'.repeat(128) }, publicKeyOf(ONE))).toBe(false);
});

describe('the URI of a connection', () => {
  const KEY = publicKeyOf(ONE);
  const SECRET = TWO.toString('hex');
  test('is read', () => {
    const uri = `nostr+walletconnect://${KEY}?relay=wss%3A%2F%2Frelay.example.org%2Fv1&secret=${SECRET}&lud16=a@b.c`;
    expect(readWalletConnectUri(uri)).toMatchObject({
      ...{ wallet: KEY, secret: TWO },
      relay: new URL('wss://relay.example.org/v1'),
    });
  });

  test.each([
    '',
    `nostr+walletconnect://${KEY}`,
    `nostr+walletconnect://${KEY}?relay=wss://r.example.org`,
    `nostr+walletconnect://${KEY}?relay=https://r.example.org&secret=${SECRET}`,
    `nostr+walletconnect://${KEY.slice(1)}?relay=wss://r.example.org&secret=${SECRET}`,
  ])('is not %s', (text) => {
    expect(readWalletConnectUri(text)).toBeUndefined();
  });
});

import {
  isNostrEvent,
  isSigned,
  parseConnection,
  publicKeyOf,
  signEvent,
} from '@quittance/sdk/nwc';
import { describe, expect, it } from 'vitest';

const secret = (n: number): Uint8Array =>
  Uint8Array.from(Buffer.from(n.toString(16).padStart(64, '0'), 'hex'));
const [ONE, TWO] = [secret(1), secret(2)];

describe('an event', () => {
  const event = signEvent(ONE, { created_at: 1, kind: 23194, tags: [['p', 'x']], content: 'é"\n' });

  it('is of whom has signed it, as it was signed', () => {
    expect(event.pubkey).toBe(publicKeyOf(ONE));
    expect(isNostrEvent(event) && isSigned(event)).toBe(true);
    expect(isSigned({ ...event, pubkey: publicKeyOf(TWO) })).toBe(false);
    expect(isSigned({ ...event, content: 'other' })).toBe(false);
    expect(isSigned({ ...event, sig: '0'.repeat(128) })).toBe(false);
  });

  it.each([
    [null],
    ['text'],
    [{ ...event, tags: [null] }],
    [{ ...event, tags: [['p', 1]] }],
    [{ ...event, tags: 'p' }],
    [{ ...event, content: 1 }],
    [{ ...event, created_at: '1' }],
    [{ ...event, kind: undefined }],
  ])('is not %j: whoever sends it could stop whoever reads it', (value) => {
    expect(isNostrEvent(value)).toBe(false);
  });
});

describe('the URI of a connection', () => {
  const KEY = publicKeyOf(ONE);
  const SECRET = Buffer.from(TWO).toString('hex');
  const RELAY = 'relay=wss%3A%2F%2Frelay.example.org%2Fv1';

  it('is read, with all its relays', () => {
    const uri = `nostr+walletconnect://${KEY}?${RELAY}&relay=wss://second.example.org&secret=${SECRET}&lud16=a@b.c`;
    expect(parseConnection(uri)).toEqual({
      ...{ wallet: KEY, secret: TWO },
      relays: ['wss://relay.example.org/v1', 'wss://second.example.org'],
    });
  });

  it.each([
    '',
    `nostr+walletconnect://${KEY}`,
    `nostr+walletconnect://${KEY}?${RELAY}`,
    `nostr+walletconnect://${KEY}?relay=https://r.example.org&secret=${SECRET}`,
    `nostr+walletconnect://${KEY.slice(1)}?${RELAY}&secret=${SECRET}`,
  ])('is not %s, which is said without quoting it', (text) => {
    expect(() => parseConnection(text)).toThrow(/^not a connection of Nostr Wallet Connect$/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spellBolt11 } from '../../../../domain/payouts/bolt11-spelling.js';
import { fitsInvoice, wrappedDescription } from '../../../../domain/payouts/description.js';

describe('descriptions', () => {
  it('have room for 639 bytes, not characters', () => {
    expect(fitsInvoice('a'.repeat(639))).toBe(true);
    expect(fitsInvoice('a'.repeat(640))).toBe(false);
    expect(fitsInvoice('é'.repeat(319))).toBe(true);
    expect(fitsInvoice('é'.repeat(320))).toBe(false);
    expect(fitsInvoice('🙂'.repeat(160))).toBe(false);
  });

  it('keep a hash: the caller’s before the payee’s before the text', () => {
    const payee = { memo: 'a'.repeat(640), descriptionHash: 'payee' };
    expect(wrappedDescription(payee, 'caller')).toEqual({ descriptionHash: 'caller' });
    expect(wrappedDescription(payee)).toEqual({ descriptionHash: 'payee' });
    expect(wrappedDescription({ memo: 'a zap' })).toEqual({ memo: 'a zap' });
    expect(wrappedDescription({ memo: 'a'.repeat(640) })).toBeUndefined();
  });
});

describe('spellings of an invoice', () => {
  const plain = 'lnbcrt10u1pj9qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const spaces = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

  it('are one', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.constantFrom('', 'lightning:', 'LIGHTNING:', 'lightning://'),
        fc.tuple(spaces, spaces, spaces),
        fc.nat(plain.length),
        (upper, scheme, [before, within, after], at) => {
          const text = upper ? plain.toUpperCase() : plain;
          const written = `${before}${scheme}${text.slice(0, at)}${within}${text.slice(at)}${after}`;
          expect(spellBolt11(written)).toBe(plain);
        },
      ),
    );
  });

  it.each([
    '',
    'lnbc',
    'bc1qar0srrr7xfkvy5l643',
    `${plain}b`,
    plain.replace('9', 'Q'),
    'x'.repeat(9000),
  ])('are none: %s', (text) => {
    expect(spellBolt11(text)).toBeUndefined();
  });
});

import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { decode as decodeOrdinarily } from 'light-bolt11-decoder';
import { describe, expect, it } from 'vitest';
import { MAX_MSAT, toMsat } from '../../../../domain/money.js';
import {
  Bolt11Error,
  decodeInvoice,
  encodeInvoice,
  type InvoiceFields,
} from '../../../../simulators/lightning/bolt11.js';

const hex32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((b) => Buffer.from(b).toString('hex'));
const secretKeys = fc
  .bigInt({ min: 1n, max: secp256k1.Point.Fn.ORDER - 1n })
  .map((n) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex'));

const invoices: fc.Arbitrary<InvoiceFields> = fc.record(
  {
    network: fc.constant('bcrt'),
    amountMsat: fc.bigInt({ min: 1n, max: MAX_MSAT / 1000n }).map(toMsat),
    timestamp: fc.integer({ min: 1, max: 2 ** 35 - 1 }),
    paymentSecret: hex32,
    hash: hex32,
    description: fc.string({ unit: 'grapheme', maxLength: 60 }),
    expirySeconds: fc.integer({ min: 1, max: 366 * 24 * 3600 }),
    minFinalCltv: fc.integer({ min: 1, max: 2016 }),
    features: fc.constant([8, 14, 17]),
  },
  { requiredKeys: ['network', 'timestamp', 'hash', 'features', 'description', 'paymentSecret'] },
);

describe('a BOLT11 invoice', () => {
  it('decodes to its fields and its signer', () => {
    fc.assert(
      fc.property(invoices, secretKeys, (fields, secretKey) => {
        const payee = Buffer.from(secp256k1.getPublicKey(secretKey)).toString('hex');
        expect(decodeInvoice(encodeInvoice(fields, secretKey))).toEqual({ ...fields, payee });
      }),
    );
  });

  it('is decoded identically by another library', () => {
    fc.assert(
      fc.property(invoices, secretKeys, (fields, secretKey) => {
        const text = encodeInvoice(fields, secretKey);
        expect(text.startsWith('lnbcrt')).toBe(true);
        const sections = new Map(
          decodeOrdinarily(text).sections.map((section) => [
            section.name,
            'value' in section ? section.value : undefined,
          ]),
        );
        expect(sections.get('payment_hash')).toBe(fields.hash);
        expect(sections.get('payment_secret')).toBe(fields.paymentSecret);
        expect(sections.get('description')).toBe(fields.description);
        expect(sections.get('timestamp')).toBe(fields.timestamp);
        expect(sections.get('expiry')).toBe(fields.expirySeconds);
        expect(sections.get('min_final_cltv_expiry')).toBe(fields.minFinalCltv);
        expect(sections.get('amount')).toBe(fields.amountMsat?.toString());
      }),
    );
  });

  it('is refused when any character was changed', () => {
    const text = encodeInvoice(sample, Buffer.alloc(32, 7));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (at) => {
        const other = text.charAt(at) === 'q' ? 'p' : 'q';
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        expect(() => decodeInvoice(changed)).toThrow(Bolt11Error);
      }),
    );
  });

  it.each([
    ['no amount', { amountMsat: toMsat(0n) }],
    ['a negative amount', { amountMsat: toMsat(-1n) }],
    ['a description of more than 639 bytes', { description: 'ä'.repeat(320) }],
  ])('is not written with %s', (_, wrong) => {
    expect(() => encodeInvoice({ ...sample, ...wrong }, Buffer.alloc(32, 7))).toThrow(Bolt11Error);
  });
});

const sample: InvoiceFields = {
  network: 'bcrt',
  amountMsat: toMsat(21_000n),
  timestamp: 1_700_000_000,
  paymentSecret: '11'.repeat(32),
  hash: '22'.repeat(32),
  description: 'a sample',
  features: [8, 14],
};

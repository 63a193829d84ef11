import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainDecimal } from '../../../../domain/intake/lossless-json.js';
import { parseOrder } from '../../../../domain/intake/order-snapshot.js';

const FOLDER = new URL('../../../vectors/woocommerce/', import.meta.url).pathname;
const sample = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** What each file of the samples is read as. */
const EXPECTED: Readonly<Record<string, string>> = {
  '01': 'processing',
  '02': 'completed',
  '03': 'on-hold',
  '04': 'processing',
  '05': 'completed',
  '06': 'pending',
  '07': 'pending',
  '08': 'processing',
  '09': 'processing',
  '12': 'problem error_body',
  '13': 'problem error_body',
  '14': 'problem id_only',
  // The headers of a delivery, not its body.
  '10': 'problem not_an_order',
  '11': 'problem not_an_order',
  '15': 'problem not_an_order',
  '16': 'checkout-draft',
};

describe('parseOrder', () => {
  it('reads every sample, or says what it is', () => {
    const read = readdirSync(FOLDER).map((name) => {
      const order = parseOrder(sample(name));
      return [name.slice(0, 2), 'problem' in order ? `problem ${order.problem}` : order.status];
    });
    expect(Object.fromEntries(read)).toEqual(EXPECTED);
  });

  it('reads the fields that it needs', () => {
    const order = parseOrder(sample('04-order-processing-cod-custom-fields-17111.json'));
    expect(order).toMatchObject({
      ...{ id: 17111n, number: '17111', currency: 'PEN', total: '33.30', paymentMethod: 'cod' },
      ...{ createdAt: new Date('2024-06-05T23:36:48Z'), paidAt: null },
      billing: { firstName: 'JOE', lastName: 'DOE', email: 'mail@example.com' },
    });
    if ('problem' in order) throw new Error(order.problem);
    expect(order.lineItems).toHaveLength(3);
    expect(order.lineItems[0]).toMatchObject({ id: 717n, sku: '14612', quantity: '1' });
    expect(order.meta[1]).toEqual({ key: '_billing_dni', value: '00000000' });
  });

  it('keeps 64-bit ids and amounts exact', () => {
    const order = parseOrder(
      '{"id":9223372036854775807,"status":"wc-x","total":-8.0E-5,"date_created_gmt":"2024-06-05T23:36:48",' +
        '"line_items":[{"id":9007199254740993,"quantity":0.1000000000000000055,"total":"1E3"}]}',
    );
    expect(order).toMatchObject({ id: 2n ** 63n - 1n, status: 'x', total: '-0.000080' });
    expect(order).toMatchObject({
      lineItems: [{ id: 9007199254740993n, quantity: '0.1000000000000000055', total: '1000' }],
    });
    expect(order).toMatchObject({ raw: expect.stringContaining('"total":-8.0E-5') as string });
    expect(parseOrder('{"id":9223372036854775808,"status":"x"}')).toMatchObject({
      problem: 'not_an_order',
    });
  });

  it('names legacy bodies, and never throws', () => {
    expect(parseOrder('{"order":{"id":1,"order_number":"1"}}')).toMatchObject({
      problem: 'legacy_format',
    });
    expect(parseOrder('['.repeat(1_000_000))).toMatchObject({ problem: 'not_json' });
    expect(parseOrder('{"id":1,"total":1e999999}')).toMatchObject({ problem: 'not_json' });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseOrder(text)).toHaveProperty('problem');
      }),
    );
  });

  it('stores no text that PostgreSQL refuses', () => {
    const order = parseOrder(
      '{"id":1,"status":"x","date_created_gmt":"2024-06-05T23:36:48","n\\u0000":"a\\u0000\\ud800"}',
    );
    expect(order).toMatchObject({
      raw: expect.stringContaining('"n\uFFFD":"a\uFFFD\uFFFD"') as string,
    });
  });
});

describe('plainDecimal', () => {
  it('is the same number', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 30n), 10n ** 30n),
        fc.integer({ min: -40, max: 40 }),
        (n, power) => {
          const plain = plainDecimal(`${n}E${power}`) ?? '';
          const [whole = '', fraction = ''] = plain.split('.');
          // As integers of the same scale.
          const scaled = BigInt(
            `${whole}${fraction}`.replace(/^-?0+(?=\d)/, (zeros) =>
              zeros.startsWith('-') ? '-' : '',
            ),
          );
          const scale = BigInt(fraction.length);
          const expected =
            n *
            10n ** BigInt(Math.max(power, 0)) *
            10n ** (power < 0 ? scale + BigInt(power) : scale);
          expect(scaled).toBe(expected);
        },
      ),
    );
  });
});

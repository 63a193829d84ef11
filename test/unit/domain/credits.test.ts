import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drainLots, receivedLots } from '../../../domain/credits/drain.js';
import { ExactFloat, parseExactJson, pythonFloat } from '../../../domain/credits/exact-json.js';
import { compareText } from '../../../domain/credits/order.js';
import { isoOfUs, usOfIso, usOfSeconds } from '../../../domain/credits/time.js';
import { alephCredits } from '../../../domain/credits/messages.js';

describe('exact JSON', () => {
  test('keeps integers of any size, and distinguishes floats from integers', () => {
    expect(parseExactJson('[8999999999999999999, -1, 1.0, 1e3, "12", "a\\"9", null]')).toEqual([
      ...[8999999999999999999n, -1n, new ExactFloat('1.0'), new ExactFloat('1e3')],
      ...['12', 'a"9', null],
    ]);
    expect(() => parseExactJson('{"a":1}}')).toThrow(SyntaxError);
    expect(() => parseExactJson('"\\u0000number:1"')).toThrow(SyntaxError);
  });

  test('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = JSON.stringify(parseExactJson(text), (_key, value: unknown) => {
          if (typeof value === 'bigint') return Number(value);
          return value instanceof ExactFloat ? value.value : value;
        });
        expect(plain).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test('writes floats as Python does', () => {
    const written = [0.000001, 0.0001, 1, 1.5, 1e15, 1e16, 1e22, -2.5e-7].map(pythonFloat);
    expect(written).toEqual([
      ...['1e-06', '0.0001', '1.0', '1.5', '1000000000000000.0', '1e+16', '1e+22', '-2.5e-07'],
    ]);
  });
});

test('texts compare as PostgreSQL compares their bytes', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'é', '\uffee', '😀', '𝒳'),
    maxLength: 4,
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareText(a, b))).toBe(bytes);
    }),
  );
});

test('times keep their microseconds', () => {
  for (const iso of [
    '2026-03-31T23:59:59.999999Z',
    '2026-01-01T00:00:00Z',
    '1969-12-31T23:59:59.500Z',
  ]) {
    expect(isoOfUs(usOfIso(iso) ?? 0n)).toBe(iso);
  }
  expect(usOfIso('2026-01-01T01:00:00+01:00')).toBe(usOfIso('2026-01-01T00:00:00Z'));
  expect(usOfIso('yesterday')).toBeUndefined();
  expect(usOfSeconds(1651052619.123456)).toBe(1651052619123456n);
});

test('old credits count 10,000 times before the cutoff', () => {
  const cutoff = usOfIso('2026-02-02T00:00:00Z') ?? 0n;
  expect(alephCredits(3n, cutoff - 1n)).toBe(30_000n);
  expect(alephCredits(3n, cutoff)).toBe(3n);
});

describe('transfers', () => {
  const slice = (
    amount: bigint,
    expiresUs: bigint | null,
  ): Parameters<typeof receivedLots>[0][0] => ({
    ...{ lot: { ref: 'g', index: 0 }, amount, expiresUs },
  });

  test('adjacent slices with the same expiry become one lot, others do not', () => {
    expect(
      receivedLots([slice(1n, 9n), slice(2n, 9n), slice(3n, null), slice(4n, 9n)], null),
    ).toEqual([
      ...[
        { amount: 3n, expiresUs: 9n },
        { amount: 3n, expiresUs: null },
        { amount: 4n, expiresUs: 9n },
      ],
    ]);
  });

  test('a transfer never extends an expiry', () => {
    expect(receivedLots([slice(1n, 5n), slice(2n, 9n), slice(3n, null)], 7n)).toEqual([
      ...[
        { amount: 1n, expiresUs: 5n },
        { amount: 5n, expiresUs: 7n },
      ],
    ]);
  });
});

test('debits are covered one after the other, and only from lots', () => {
  const amount = fc.bigInt({ min: 1n, max: 20n });
  fc.assert(
    fc.property(fc.array(amount), fc.array(amount), (remaining, debits) => {
      const lots = remaining.map((left, index) => ({
        ...{ ref: 'g', index, grantedUs: 0n, expiresUs: null, remaining: left },
      }));
      const drained = drainLots(lots, debits);
      const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
      const covered = drained.map(({ slices }) => sum(slices.map((slice) => slice.amount)));
      for (const [i, { short }] of drained.entries()) {
        expect((covered[i] ?? 0n) + short).toBe(debits[i]);
      }
      const all = sum(remaining);
      expect(sum(covered)).toBe(sum(debits) < all ? sum(debits) : all);
    }),
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoOfUs, MAX_US, usOfIso } from '../../../domain/credits/time.js';

const FIRST_US = -62_135_596_800_000_000n;
const US_PER_MINUTE = 60_000_000n;
const pad = (n: number, width = 2): string => String(n).padStart(width, '0');
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysIn = (year: number, month: number): number =>
  [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;

it('every instant that can be stored is written and read back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: FIRST_US, max: MAX_US }), (at) => {
      expect(usOfIso(isoOfUs(at))).toBe(at);
    }),
  );
});

it('a zone moves an instant, and none leaves the years 1 to 9999', () => {
  const edges = fc.constantFrom(FIRST_US, FIRST_US + 1n, MAX_US - 999_999n, MAX_US);
  const instant = fc.oneof(edges, fc.bigInt({ min: FIRST_US, max: MAX_US }));
  const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
  fc.assert(
    fc.property(instant, minutes, (at, offset) => {
      const zone = `${offset < 0 ? '-' : '+'}${pad(Math.trunc(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
      const moved = at - BigInt(offset) * US_PER_MINUTE;
      const expected = FIRST_US <= moved && moved <= MAX_US ? moved : undefined;
      expect(usOfIso(isoOfUs(at).replace('Z', zone))).toBe(expected);
    }),
  );
});

it('a day is taken exactly when the calendar has it', () => {
  const year = fc.integer({ min: 0, max: 9999 });
  const month = fc.integer({ min: 0, max: 13 });
  fc.assert(
    fc.property(year, month, fc.integer({ min: 0, max: 32 }), (y, m, d) => {
      const exists = y >= 1 && d >= 1 && d <= daysIn(y, m);
      const at = usOfIso(`${pad(y, 4)}-${pad(m)}-${pad(d)}T12:00:00Z`);
      expect(at !== undefined).toBe(exists);
    }),
  );
});

it('other texts are no times', () => {
  const parts = fc.constantFrom(
    '2026-01-01',
    'T',
    '10:00:00',
    'Z',
    '.',
    '1',
    '+',
    '0',
    ' ',
    '60',
    '24:00:00',
  );
  fc.assert(
    fc.property(
      fc.array(parts, { maxLength: 7 }).map((list) => list.join('')),
      (text) => {
        const at = usOfIso(text);
        const form = /^2026-01-01T10:00:00(\.[01]{1,6})?(Z|[+-][0-9]{2}:?[0-9]{2})$/;
        if (at !== undefined) expect(text).toMatch(form);
      },
    ),
  );
  for (const seconds of ['0000000', '123456789', '']) {
    expect(usOfIso(`2026-01-01T00:00:00.${seconds}Z`)).toBeUndefined();
  }
});

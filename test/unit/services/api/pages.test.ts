import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { digits, encodeCursor, pageOf, pageQuery } from '../../../../services/api/v1/wire/page.js';

const query = z.strictObject(pageQuery(z.tuple([digits, z.string()])));

describe('cursors', () => {
  it('decode to the position that they encode', () => {
    const position = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), fc.string());
    fc.assert(
      fc.property(position, ([number, text]) => {
        const cursor = encodeCursor([number.toString(), text]);
        fc.pre(cursor.length <= 300);
        expect(query.parse({ cursor }).cursor).toEqual([number, text]);
      }),
    );
  });

  it('refuse every other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json()), (cursor) => {
        expect(query.safeParse({ cursor }).success).toBe(false);
      }),
    );
  });
});

describe('pages', () => {
  it('show every row once, in order', () => {
    const rows = fc.uniqueArray(fc.nat(), { maxLength: 50 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), (all, limit) => {
        const seen: number[] = [];
        for (let at = 0; ;) {
          const read = all.slice(at, at + limit + 1);
          const page = pageOf(
            read,
            limit,
            (row) => [String(row)],
            (row) => row,
          );
          expect(page.entries.length).toBeLessThanOrEqual(limit);
          seen.push(...page.entries);
          at += page.entries.length;
          if (page.nextCursor === null) break;
        }
        expect(seen).toEqual(all);
      }),
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maySettle } from '../../../../domain/invoices/settle-deadline.js';

test('held money is settled with more than 18 blocks left, and for a payee who was paid until the last', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 1_000_000 }),
      fc.integer({ min: -100, max: 2_000 }),
      (height, left) => {
        const held = { height, expiryHeight: height + left };
        expect(maySettle(held, false)).toBe(left >= 19);
        expect(maySettle(held, true)).toBe(left >= 1);
      },
    ),
    {
      examples: [
        [800_000, 18],
        [800_000, 19],
        [800_000, 0],
        [800_000, 1],
      ],
    },
  );
});

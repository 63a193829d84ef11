import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf, readCommand } from '../../../../domain/items/text-commands.js';

describe('a command in a text', () => {
  it.each([
    ['@delete in 5 minutes', { amount: 5, unit: 'minute' }],
    ['bye (@DELETE  in\n2 Days)', { amount: 2, unit: 'day' }],
    ['`@delete in 1 second`', { amount: 1, unit: 'second' }],
    ['@delete in 1 day, no: @delete in 3 weeks', { amount: 3, unit: 'week' }],
    ['@delete in 1 month', { amount: 1, unit: 'month' }],
  ])('%j is understood', (text, delay) => {
    expect(readCommand(text, 'DELETE')).toEqual(delay);
  });

  it.each([
    ...['me@delete in 5 minutes', '@delete 5 minutes', '@delete in five minutes'],
    ...[
      '@delete in -5 minutes',
      '@delete in 5 fortnights',
      '@deletein 5 minutes',
      '@remindme in 1 day',
    ],
  ])('%j is not', (text) => {
    expect(readCommand(text, 'DELETE')).toBeUndefined();
  });

  it('one does not take the other’s', () => {
    const text = '@delete in 1 day @remindme in 2 hours';
    expect(readCommand(text, 'DELETE')).toEqual({ amount: 1, unit: 'day' });
    expect(readCommand(text, 'REMIND')).toEqual({ amount: 2, unit: 'hour' });
  });
});

describe('the end of a delay', () => {
  it.each([
    ['2026-01-31T10:00:00Z', { amount: 1, unit: 'month' }, '2026-02-28T10:00:00.000Z'],
    ['2024-02-29T10:00:00Z', { amount: 1, unit: 'year' }, '2025-02-28T10:00:00.000Z'],
    ['2026-03-28T10:00:00Z', { amount: 2, unit: 'week' }, '2026-04-11T10:00:00.000Z'],
    ['2026-11-26T10:00:00Z', { amount: 10, unit: 'year' }, '2036-11-26T10:00:00.000Z'],
  ] as const)('from %s, %j', (from, delay, end) => {
    expect(endOf(delay, new Date(from))?.toISOString()).toBe(end);
  });

  it('is never before its beginning, and never later than ten years', () => {
    const units = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const;
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.constantFrom(...units),
        (from, amount, unit) => {
          const end = endOf({ amount, unit }, from);
          if (end === undefined) return;
          const days = (end.getTime() - from.getTime()) / 86_400_000;
          expect(days).toBeGreaterThanOrEqual(0);
          expect(days).toBeLessThanOrEqual(3_653);
        },
      ),
    );
  });
});

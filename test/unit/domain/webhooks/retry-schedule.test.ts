import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEventFilter } from '../../../../domain/webhooks/events.js';
import { MAX_TRIES, retryAfterSeconds } from '../../../../domain/webhooks/retry-schedule.js';

describe('retries of webhooks', () => {
  it('go on for a day, further apart each time, and end', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        const pauses: number[] = [];
        for (let tries = 1; tries < MAX_TRIES; tries += 1) {
          pauses.push(retryAfterSeconds(tries, random) ?? 0);
        }
        const sum = pauses.reduce((a, b) => a + b, 0);
        expect(sum).toBeGreaterThan(24 * 3600);
        expect(sum).toBeLessThan(31 * 3600);
        expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
        expect(retryAfterSeconds(MAX_TRIES, random)).toBeUndefined();
      }),
    );
  });

  it('differ at random', () => {
    expect(retryAfterSeconds(1, 0)).not.toBe(retryAfterSeconds(1, 1));
  });
});

describe('filters of events', () => {
  it.each(['*', 'action.*', 'action.paid', 'webhook.test'])('%s is one', (filter) =>
    expect(isEventFilter(filter)).toBe(true),
  );
  it.each(['', '.*', 'action', 'action.paid.*', '*.paid', 'nothing.*', 'constructor'])(
    '%j is none',
    (filter) => expect(isEventFilter(filter)).toBe(false),
  );
});

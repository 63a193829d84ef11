import { describe, expect, it } from 'vitest';
import { isSilent } from '../../../../domain/intake/silence.js';
import { seededRandom } from '../../../../simulators/lightning/faults/random.js';

const HOUR = 3_600_000;
const ZONE = 'America/New_York';

/** Four weeks of events, about six an hour from 9 to 17 on working days of that zone, hardly any else. */
function weeks(seed: number): Date[] {
  const random = seededRandom(seed);
  const local = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: ZONE, weekday: 'short', hour: 'numeric', hourCycle: 'h23' },
  });
  const isOpen = (at: number): boolean => {
    const parts = Object.fromEntries(
      local.formatToParts(at).map(({ type, value }) => [type, value]),
    );
    const hour = Number(parts['hour']);
    return hour >= 9 && hour < 17 && !['Sat', 'Sun'].includes(parts['weekday'] ?? '');
  };
  const events: Date[] = [];
  let at = Date.parse('2026-03-02T14:00:00Z');
  // Until a Wednesday at noon of the zone, over the change to daylight saving.
  const end = Date.parse('2026-04-01T16:00:00Z');
  for (;;) {
    at += (-Math.log(1 - random()) * HOUR) / 6;
    if (at > end) return events;
    if (isOpen(at) || random() < 0.01) events.push(new Date(at));
  }
}

describe('silence', () => {
  it.each([1, 2, 3])(
    'of a working day is noticed within hours, of a night is not (seed %i)',
    (seed) => {
      const events = weeks(seed);
      const last = events.at(-1)?.getTime() ?? 0;
      const silentAt = (ms: number): boolean => isSilent(events, new Date(ms), ZONE);
      expect(silentAt(last + HOUR / 4)).toBe(false);
      expect(silentAt(last + 4 * HOUR)).toBe(true);
      // From the evening before until it opens, and over a weekend.
      const evening = events.filter((at) => at < new Date('2026-03-31T21:00:00Z'));
      expect(isSilent(evening, new Date('2026-04-01T13:10:00Z'), ZONE)).toBe(false);
      expect(isSilent(evening, new Date('2026-04-01T17:00:00Z'), ZONE)).toBe(true);
      const friday = events.filter((at) => at < new Date('2026-03-27T21:00:00Z'));
      expect(isSilent(friday, new Date('2026-03-30T13:00:00Z'), ZONE)).toBe(false);
      expect(isSilent(friday, new Date('2026-03-30T17:30:00Z'), ZONE)).toBe(true);
    },
  );

  it('is nothing while little is known', () => {
    const few = weeks(1).slice(0, 40);
    expect(isSilent(few, new Date('2027-01-01T00:00:00Z'), ZONE)).toBe(false);
    expect(isSilent([], new Date(), ZONE)).toBe(false);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Places } from '../../../../services/api/places.js';

const limits = fc.record({
  perNetwork: fc.integer({ min: 0, max: 3 }),
  all: fc.integer({ min: 0, max: 6 }),
});
/** Somebody comes, or the one who came n-th leaves, maybe again. */
const step = fc.oneof(
  fc.record({ from: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ leaves: fc.nat(20) }),
);

it('gives as many places as there are, per network and in sum, and takes each back once', () => {
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 40 }), (given, steps) => {
      const places = new Places(given);
      const came: { from: number; leave: () => void; open: boolean }[] = [];
      const open = (): typeof came => came.filter((one) => one.open);
      for (const one of steps) {
        if ('leaves' in one) {
          const guest = came[one.leaves];
          guest?.leave();
          if (guest !== undefined) guest.open = false;
          continue;
        }
        const { from } = one;
        const fits =
          (given.all === 0 || open().length < given.all) &&
          (given.perNetwork === 0 ||
            open().filter((other) => other.from === from).length < given.perNetwork);
        const leave = places.enter(`10.0.0.${from}`);
        expect(leave !== undefined).toBe(fits);
        if (leave !== undefined) came.push({ from, leave, open: true });
      }
      expect(places.size).toBe(open().length);
    }),
  );
});

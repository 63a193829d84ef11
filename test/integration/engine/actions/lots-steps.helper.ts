import fc from 'fast-check';
import type { Payment } from '../../../../domain/actions/plan-payment.js';

const who = fc.constantFrom(0, 1, 2);
/** Few sizes, so that balances are met exactly and missed by one. */
const sats = fc.constantFrom(1, 2, 3, 5, 10);
const msat = fc.constantFrom(1_000n, 1_999n, 2_000n, 5_000n, 10_001n);
const hours = fc.integer({ min: 1, max: 4 });

/** What can happen to three people who zap each other by credits and by invoices. */
export const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('grant' as const), who, msat, hours: fc.option(hours) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ do: fc.constant('zap' as const), who, sats },
      payment: fc.constantFrom<Payment>('auto', 'credits', 'invoice'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pay' as const), which: fc.nat(9), over: msat }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('late' as const), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retry' as const), which: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), hours }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

import type { GrantCaps } from '../../engine/credits/grant-caps.js';
import type { ConfigOf } from './config.js';

/** What may be granted, from the configuration. 0 stands for any amount. */
export function grantCapsOf(
  config: ConfigOf<
    | 'QUITTANCE_GRANT_OPERATOR_DAY_MSAT'
    | 'QUITTANCE_GRANT_FINANCE_DAY_MSAT'
    | 'QUITTANCE_GRANT_ALONE_DAY_MSAT'
  >,
): GrantCaps {
  const orNone = (msat: bigint): bigint | null => (msat === 0n ? null : msat);
  return {
    ofRole: {
      operator: orNone(config.grantOperatorDayMsat),
      finance: config.grantFinanceDayMsat,
    },
    alone: orNone(config.grantAloneDayMsat),
  };
}

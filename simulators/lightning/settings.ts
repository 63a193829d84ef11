import { toMsat, type Msat } from '../../domain/money.js';

export interface NodeSettings {
  /** A held payment is given back after this; stands in for the timeout of its HTLC. */
  readonly holdTimeoutSeconds: number;
  /** What the network takes for carrying a payment of the node. */
  readonly routingFee: { readonly baseMsat: Msat; readonly perMillion: bigint };
  /** What the node can pay out at first. */
  readonly nodeBalanceMsat: Msat;
}

export const DEFAULT_SETTINGS: NodeSettings = {
  // About what lnd leaves between accepting and 12 blocks before a default timeout.
  holdTimeoutSeconds: 6600,
  // lnd's defaults for a forward.
  routingFee: { baseMsat: toMsat(1000n), perMillion: 1n },
  nodeBalanceMsat: toMsat(1_000_000_000_000n),
};

export function routingFeeOf(amountMsat: Msat, { routingFee }: NodeSettings): Msat {
  return toMsat(routingFee.baseMsat + (amountMsat * routingFee.perMillion) / 1_000_000n);
}

import { toMsat, type Msat } from '../../domain/money.js';

export interface NodeSettings {
  /** A held payment is canceled after this, in place of the timeout of its HTLC. */
  readonly holdTimeoutSeconds: number;
  /** The network's fee for a payment of the node. */
  readonly routingFee: { readonly baseMsat: Msat; readonly perMillion: bigint };
  /** The node's balance at first. */
  readonly nodeBalanceMsat: Msat;
}

export const DEFAULT_SETTINGS: NodeSettings = {
  // About the time of lnd between accepting a payment and 12 blocks before its default timeout.
  holdTimeoutSeconds: 6600,
  // lnd's default fees for a forward.
  routingFee: { baseMsat: toMsat(1000n), perMillion: 1n },
  nodeBalanceMsat: toMsat(1_000_000_000_000n),
};

export function routingFeeOf(amountMsat: Msat, { routingFee }: NodeSettings): Msat {
  return toMsat(routingFee.baseMsat + (amountMsat * routingFee.perMillion) / 1_000_000n);
}

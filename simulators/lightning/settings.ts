import type { Route } from '../../adapters/lightning/simulator-client/wallet-protocol.js';
import { toMsat, type Msat } from '../../domain/money.js';

export interface NodeSettings {
  /** A held payment is canceled after this also when no block is mined. */
  readonly holdTimeoutSeconds: number;
  /** A set of HTLCs that is not complete by then is returned. */
  readonly setTimeoutSeconds: number;
  /** The route from the node to every payee that has none of its own. */
  readonly route: Route;
  /** The node's balance at first. */
  readonly nodeBalanceMsat: Msat;
}

export const DEFAULT_SETTINGS: NodeSettings = {
  // About the time of lnd between accepting a payment and 12 blocks before its default timeout.
  holdTimeoutSeconds: 6600,
  setTimeoutSeconds: 120,
  // lnd's defaults for a forward.
  route: { baseMsat: toMsat(1000n), perMillion: 1, cltvDelta: 80 },
  nodeBalanceMsat: toMsat(1_000_000_000_000n),
};

/** Blocks that lnd 0.21 keeps for itself: it cancels a held invoice this long before its HTLCs expire. */
export const CANCELS_BEFORE_EXPIRY = 18;
/** An HTLC that leaves less than this is refused. */
export const REFUSES_BEFORE_EXPIRY = 19;
/** A payer adds this to the payee's delta, as blocks may come meanwhile. */
export const CLTV_PADDING = 3;

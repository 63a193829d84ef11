import {
  type DecodedInvoice,
  LightningError,
  type RouteEstimate,
  type SendPayment,
} from '../../adapters/lightning/port.js';
import type { Route } from '../../adapters/lightning/simulator-client/wallet-protocol.js';
import { toMsat, type Msat } from '../../domain/money.js';
import { readInvoice } from './mint.js';
import { CLTV_PADDING, type NodeSettings } from './settings.js';
import { findByText } from './store/invoices.js';
import type { Change } from './store/node-state.js';
import { routesTo } from './store/routes.js';

/** What a payment over a route must not exceed. */
export interface RouteLimits {
  readonly amountMsat: Msat;
  readonly maxFeeMsat?: Msat;
  readonly maxExpiryHeight?: number;
}

/** The cheapest route to a payee within the limits. */
export async function findRoute(
  { tx, height }: Change,
  { payee, minFinalCltv }: { readonly payee: string; readonly minFinalCltv: number },
  limits: RouteLimits,
  settings: NodeSettings,
): Promise<RouteEstimate | undefined> {
  const own = await routesTo(tx, payee);
  const routes = own.length === 0 ? [settings.route] : own;
  const { amountMsat, maxFeeMsat, maxExpiryHeight = Infinity } = limits;
  return routes
    .filter(({ capacityMsat }) => capacityMsat === undefined || amountMsat <= capacityMsat)
    .map((route) => ({
      feeMsat: feeOf(amountMsat, route),
      expiryHeight: height + minFinalCltv + CLTV_PADDING + route.cltvDelta,
    }))
    .filter(({ feeMsat, expiryHeight }) => {
      const isCheap = maxFeeMsat === undefined || feeMsat <= maxFeeMsat;
      return isCheap && expiryHeight <= maxExpiryHeight;
    })
    .toSorted((a, b) => Number(a.feeMsat - b.feeMsat))[0];
}

/** Undefined when there is no route. Refused with `bad_request`. */
export async function estimateRoute(
  change: Change,
  { bolt11, amountMsat }: Pick<SendPayment, 'bolt11' | 'amountMsat'>,
  settings: NodeSettings,
): Promise<RouteEstimate | undefined> {
  const decoded = readInvoice(bolt11);
  const amount = amountToSend(decoded, amountMsat);
  const invoice = await findByText(change.tx, decoded.hash, bolt11);
  if (invoice === undefined) return undefined;
  const { minFinalCltv } = decoded;
  return findRoute(
    change,
    { payee: invoice.payee, minFinalCltv },
    { amountMsat: amount },
    settings,
  );
}

/** An amount is given when the invoice names none, and only then. */
export function amountToSend(decoded: DecodedInvoice, given: Msat | undefined): Msat {
  const amount = decoded.amountMsat ?? given;
  if (amount === undefined || amount === 0n) {
    throw LightningError.refused('bad_request', 'neither the invoice nor the call names an amount');
  }
  if (decoded.amountMsat !== undefined && given !== undefined) {
    throw LightningError.refused('bad_request', 'the invoice names an amount already');
  }
  return amount;
}

function feeOf(amountMsat: Msat, { baseMsat, perMillion }: Route): Msat {
  return toMsat(baseMsat + (amountMsat * BigInt(perMillion)) / 1_000_000n);
}

import { toMsat } from '../../../domain/money.js';
import { invoiceExpiry } from '../invoice-expiry.js';
import type {
  DecodedInvoice,
  Invoice,
  InvoiceKind,
  InvoiceState,
  NodeInfo,
  OutgoingPayment,
  PaymentFailure,
  PaymentState,
} from '../port.js';
import type { LndInvoice, LndPayment, PayReq } from './messages.js';

const STATES = {
  OPEN: 'open',
  ACCEPTED: 'held',
  SETTLED: 'settled',
  CANCELED: 'canceled',
} as const satisfies Record<LndInvoice['state'], InvoiceState>;

const ZEROS = /^0*$/;

/** lnd keeps no kind: without a preimage it is a hold invoice. One that is settled has its preimage, and looks ordinary. */
export function invoiceOf(invoice: LndInvoice, kind = kindOf(invoice)): Invoice {
  const state = STATES[invoice.state];
  const created = Number(invoice.creation_date) * 1000;
  const accepted = invoice.htlcs.filter((htlc) => htlc.state === 'HTLC_ACCEPTED');
  const isHeld = state === 'held' && accepted.length > 0;
  const paid = state === 'held' || state === 'settled';
  return {
    hash: invoice.r_hash,
    kind,
    bolt11: invoice.payment_request,
    state,
    amountMsat: toMsat(invoice.value_msat),
    receivedMsat: toMsat(paid ? receivedOf(invoice) : 0n),
    createdAt: new Date(created),
    expiresAt: new Date(created + Number(invoice.expiry) * 1000),
    ...(isHeld && {
      held: {
        acceptHeight: Math.min(...accepted.map((htlc) => htlc.accept_height)),
        expiryHeight: Math.min(...accepted.map((htlc) => htlc.expiry_height)),
      },
    }),
  };
}

/** Of a held set lnd tells the amount only by its HTLCs. */
function receivedOf({ amt_paid_msat: paid, htlcs }: LndInvoice): bigint {
  if (paid > 0n) return paid;
  return htlcs
    .filter(({ state }) => state !== 'HTLC_CANCELED')
    .reduce((sum, { amt_msat: amount }) => sum + amount, 0n);
}

function kindOf({ r_preimage: preimage, state }: LndInvoice): InvoiceKind {
  return state === 'ACCEPTED' || ZEROS.test(preimage) ? 'hold' : 'ordinary';
}

const PAYMENT_STATES = {
  UNKNOWN: 'in_flight',
  INITIATED: 'in_flight',
  IN_FLIGHT: 'in_flight',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
} as const satisfies Record<LndPayment['status'], PaymentState>;

const FAILURES: Readonly<Record<string, PaymentFailure>> = {
  FAILURE_REASON_TIMEOUT: 'timeout',
  FAILURE_REASON_NO_ROUTE: 'no_route',
  FAILURE_REASON_INCORRECT_PAYMENT_DETAILS: 'rejected',
  FAILURE_REASON_INSUFFICIENT_BALANCE: 'insufficient',
  FAILURE_REASON_CANCELED: 'canceled',
};

/** By its status alone: a succeeded payment may have a failure reason (lnd#8884). */
export function paymentOf(payment: LndPayment): OutgoingPayment {
  const state = PAYMENT_STATES[payment.status];
  const heights = payment.htlcs.flatMap(({ status, route }) =>
    status === 'IN_FLIGHT' && route !== null ? [route.total_time_lock] : [],
  );
  return {
    hash: payment.payment_hash,
    state,
    index: payment.payment_index,
    startedAt: new Date(Number(payment.creation_time_ns / 1_000_000n)),
    amountMsat: toMsat(payment.value_msat),
    feeMsat: toMsat(state === 'failed' ? 0n : payment.fee_msat),
    ...(state === 'succeeded' && { preimage: payment.payment_preimage }),
    ...(state === 'failed' && { failure: FAILURES[payment.failure_reason] ?? 'error' }),
    ...(state === 'in_flight' && heights.length > 0 && { expiryHeight: Math.max(...heights) }),
  };
}

export function decodedOf(request: PayReq): DecodedInvoice {
  const { description_hash: descriptionHash } = request;
  return {
    hash: request.payment_hash,
    ...(request.num_msat > 0n && { amountMsat: toMsat(request.num_msat) }),
    payee: request.destination,
    expiresAt: invoiceExpiry(request.timestamp, request.expiry),
    memo: request.description,
    ...(descriptionHash !== '' && { descriptionHash }),
    minFinalCltv: Number(request.cltv_expiry),
    features: Object.keys(request.features)
      .map(Number)
      .sort((a, b) => a - b),
    hintNodes: request.route_hints.flatMap(({ hop_hints: hops }) =>
      hops.map(({ node_id: node }) => node),
    ),
  };
}

const NETWORKS: Readonly<Record<string, NodeInfo['network']>> = {
  mainnet: 'mainnet',
  testnet: 'testnet',
  testnet4: 'testnet',
  signet: 'signet',
  regtest: 'regtest',
};

/** Undefined for a network that the port does not know, as simnet. */
export function networkOf(name: string | undefined): NodeInfo['network'] | undefined {
  return NETWORKS[name ?? ''];
}

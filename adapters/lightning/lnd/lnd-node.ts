import { bolt11Text } from '../bolt11-text.js';
import { toMsat } from '../../../domain/money.js';
import {
  type CreatedInvoice,
  type CreateInvoice,
  type DecodedInvoice,
  type Invoice,
  LightningError,
  type LightningPort,
  type NodeBalance,
  type NodeEvent,
  type NodeInfo,
  type OutgoingPayment,
  type PaymentHash,
  type Preimage,
  type RouteEstimate,
  type SendPayment,
} from '../port.js';
import type { LndChannel } from './channel.js';
import type { Fields } from './codec.js';
import { decodedOf, invoiceOf, networkOf, paymentOf } from './convert.js';
import { isNotFound, REFUSALS, refusing } from './errors.js';
import type { NodeJournal } from './journal.js';
import { BLOCK_PADDING, checkInvoice, checkSend, cltvLimitOf } from './limits.js';
import type { LndInvoice, LndPayment, PayReq } from './messages.js';
import { METHODS } from './methods.js';

const MAX_PARTS = 16;
/** A quick payment's end is told by the call that began it, instead of by the journal some steps later. */
const ENDS_WITHIN_MS = 500;

/** The Lightning port, implemented by lnd 0.21 or later over gRPC. */
export class LndNode implements LightningPort {
  constructor(
    private readonly lnd: LndChannel,
    private readonly seen: NodeJournal,
  ) {}

  async info(): Promise<NodeInfo> {
    const info = await this.lnd.call(METHODS.getInfo, {});
    const name = info.chains[0]?.network;
    const network = networkOf(name);
    if (network === undefined) {
      throw LightningError.unavailable(`lnd: network ${name ?? 'without a name'} is not supported`);
    }
    return {
      publicKey: info.identity_pubkey,
      network,
      version: info.version,
      blockHeight: info.block_height,
      synced: info.synced_to_chain,
    };
  }

  async balance(): Promise<NodeBalance> {
    const balance = await this.lnd.call(METHODS.channelBalance, {});
    return {
      sendableMsat: toMsat(balance.local_balance),
      receivableMsat: toMsat(balance.remote_balance),
    };
  }

  async createInvoice(request: CreateInvoice): Promise<CreatedInvoice> {
    checkInvoice(request);
    const added = await this.#add(request).catch(refusing(REFUSALS.createInvoice));
    // lnd returns no dates.
    const decoded = await this.#payReq(added.payment_request);
    const { payment_hash: hash, destination: node, timestamp, expiry } = decoded;
    const createdAt = Number(timestamp) * 1000;
    return {
      hash,
      node,
      kind: request.kind,
      bolt11: added.payment_request,
      state: 'open',
      amountMsat: request.amountMsat,
      receivedMsat: toMsat(0n),
      createdAt: new Date(createdAt),
      expiresAt: new Date(createdAt + Number(expiry) * 1000),
    };
  }

  async lookupInvoice(hash: PaymentHash): Promise<Invoice | undefined> {
    const found = await this.#lookup(hash);
    return found && invoiceOf(found);
  }

  async settleInvoice(preimage: Preimage): Promise<void> {
    await this.lnd
      .call(METHODS.settleInvoice, { preimage: bytes(preimage) })
      .catch(refusing(REFUSALS.settleInvoice));
  }

  async cancelInvoice(hash: PaymentHash): Promise<void> {
    await this.lnd
      .call(METHODS.cancelInvoice, { payment_hash: bytes(hash) })
      .catch(refusing(REFUSALS.cancelInvoice));
  }

  async sendPayment(request: SendPayment): Promise<OutgoingPayment> {
    const [payReq, height] = await Promise.all([
      this.#payReq(request.bolt11),
      request.maxExpiryHeight === undefined ? 0 : this.info().then((info) => info.blockHeight),
    ]);
    const decoded = decodedOf(payReq);
    checkSend(request, decoded);
    const better = { accept: isOver, withinMs: ENDS_WITHIN_MS };
    const first = await this.lnd
      .first(METHODS.sendPayment, sendFields(request, decoded, height), saysSomething, better)
      .catch(refusing(REFUSALS.sendPayment));
    if (first === undefined) throw LightningError.unknown('lnd: the send has no first status');
    return paymentOf(first);
  }

  async lookupPayment(hash: PaymentHash): Promise<OutgoingPayment | undefined> {
    const request = { payment_hash: bytes(hash) };
    const found = await this.lnd.first(METHODS.trackPayment, request).catch(undefinedIfNotFound);
    return found && paymentOf(found);
  }

  async estimateRoute({
    bolt11,
    amountMsat,
  }: Pick<SendPayment, 'bolt11' | 'amountMsat'>): Promise<RouteEstimate | undefined> {
    const payReq = await this.#payReq(bolt11);
    const { publicKey } = await this.info();
    const asked: Fields = {
      pub_key: payReq.destination,
      amt_msat: (amountMsat ?? payReq.num_msat).toString(),
      final_cltv_delta: Number(payReq.cltv_expiry) + BLOCK_PADDING,
      use_mission_control: true,
      // By the graph: a hint through ourselves says nothing that the graph does not.
      route_hints: payReq.route_hints.filter(
        ({ hop_hints: hops }) => !hops.some(({ node_id: node }) => node === publicKey),
      ),
    };
    const { routes } = await this.lnd.call(METHODS.queryRoutes, asked).catch(noRouteOrThrow);
    const route = routes[0];
    return route && { feeMsat: toMsat(route.total_fees_msat), expiryHeight: route.total_time_lock };
  }

  async decode(bolt11: string): Promise<DecodedInvoice> {
    return decodedOf(await this.#payReq(bolt11));
  }

  journal(hash: PaymentHash): Promise<readonly NodeEvent[]> {
    return this.seen.of(hash);
  }

  subscribe(after: bigint, signal: AbortSignal): AsyncIterable<NodeEvent> {
    return this.seen.after(after, signal);
  }

  #add(request: CreateInvoice): Promise<{ payment_request: string }> {
    const common: Fields = {
      memo: request.memo,
      value_msat: request.amountMsat.toString(),
      expiry: request.expirySeconds.toString(),
      private: request.privateHints ?? false,
      ...(request.minFinalCltv !== undefined && { cltv_expiry: request.minFinalCltv }),
      ...(request.descriptionHash !== undefined && {
        description_hash: bytes(request.descriptionHash),
      }),
    };
    const { kind, hash = '', preimage = '' } = request;
    return kind === 'hold'
      ? this.lnd.call(METHODS.addHoldInvoice, { ...common, hash: bytes(hash) })
      : this.lnd.call(METHODS.addInvoice, { ...common, r_preimage: bytes(preimage) });
  }

  #lookup(hash: PaymentHash): Promise<LndInvoice | undefined> {
    return this.lnd.call(METHODS.lookupInvoice, { r_hash: bytes(hash) }).catch(undefinedIfNotFound);
  }

  /** What lnd cannot read is refused; everything else of the call is as it is. */
  #payReq(bolt11: string): Promise<PayReq> {
    return this.lnd
      .call(METHODS.decodePayReq, { pay_req: bolt11Text(bolt11) })
      .catch(refusing([[/./, 'bad_request']]));
  }
}

function sendFields(
  request: SendPayment,
  { minFinalCltv }: DecodedInvoice,
  height: number,
): Fields {
  const { maxExpiryHeight, amountMsat } = request;
  return {
    payment_request: bolt11Text(request.bolt11),
    timeout_seconds: Math.ceil(request.giveUpSeconds),
    fee_limit_msat: request.maxFeeMsat.toString(),
    max_parts: MAX_PARTS,
    allow_self_payment: false,
    // The end of our stream must not end the payment.
    cancelable: false,
    ...(amountMsat !== undefined && { amt_msat: amountMsat.toString() }),
    ...(maxExpiryHeight !== undefined && {
      cltv_limit: cltvLimitOf(maxExpiryHeight, height, minFinalCltv),
    }),
  };
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

/** The end of a payment, or its first HTLC. */
function saysSomething(payment: LndPayment): boolean {
  return isOver(payment) || payment.htlcs.some((htlc) => htlc.status === 'IN_FLIGHT');
}

function isOver({ status }: LndPayment): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED';
}

function undefinedIfNotFound(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}

function noRouteOrThrow(error: unknown): { routes: [] } {
  const isNoRoute =
    error instanceof LightningError && /unable to find a path|insufficient/.test(error.message);
  if (isNoRoute) return { routes: [] };
  throw error;
}

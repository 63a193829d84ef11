import { z } from 'zod';
import {
  LightningError,
  type CreatedInvoice,
  type CreateInvoice,
  type DecodedInvoice,
  type Invoice,
  type LightningPort,
  type NodeBalance,
  type NodeEvent,
  type OutgoingPayment,
  type PaymentHash,
  type Preimage,
  type RouteEstimate,
  type SendPayment,
} from '../port.js';
import { bolt11Text } from '../bolt11-text.js';
import { followEvents } from './event-feed.js';
import { callNode, encodeRequest, type Endpoint } from './http-call.js';
import {
  balanceSchema,
  createdInvoiceSchema,
  createInvoiceSchema,
  decodedSchema,
  estimateQuerySchema,
  estimateSchema,
  invoiceSchema,
  journalSchema,
  nodeInfoSchema,
  paymentSchema,
  sendSchema,
} from './protocol.js';

export interface SimulatorNodeOptions extends Endpoint {
  /** Called when the event stream breaks; it reconnects by itself. */
  readonly onTrouble?: (error: unknown) => void;
}

export type SimulatorInfo = z.output<typeof nodeInfoSchema>;

/** The Lightning port, implemented by the simulated node over HTTP. */
export class SimulatorNode implements LightningPort {
  constructor(private readonly options: SimulatorNodeOptions) {}

  /** Beside what the port asks for: the cursor of its last event. */
  info(): Promise<SimulatorInfo> {
    return callNode(this.options, { method: 'GET', path: '/v1/info', answer: nodeInfoSchema });
  }

  balance(): Promise<NodeBalance> {
    return callNode(this.options, { method: 'GET', path: '/v1/balance', answer: balanceSchema });
  }

  async createInvoice(request: CreateInvoice): Promise<CreatedInvoice> {
    const body = encodeRequest(createInvoiceSchema, request);
    return this.#post('/v1/invoices', body, createdInvoiceSchema);
  }

  lookupInvoice(hash: PaymentHash): Promise<Invoice | undefined> {
    return this.#find(`/v1/invoices/${hash}`, invoiceSchema);
  }

  settleInvoice(preimage: Preimage): Promise<void> {
    return this.#post('/v1/invoices/settle', { preimage }, z.void());
  }

  cancelInvoice(hash: PaymentHash): Promise<void> {
    return this.#post(`/v1/invoices/${hash}/cancel`, {}, z.void());
  }

  async sendPayment(request: SendPayment): Promise<OutgoingPayment> {
    const body = encodeRequest(sendSchema, { ...request, bolt11: bolt11Text(request.bolt11) });
    return this.#post('/v1/payments', body, paymentSchema);
  }

  lookupPayment(hash: PaymentHash): Promise<OutgoingPayment | undefined> {
    return this.#find(`/v1/payments/${hash}`, paymentSchema);
  }

  decode(bolt11: string): Promise<DecodedInvoice> {
    const query = new URLSearchParams({ bolt11: bolt11Text(bolt11) });
    const path = `/v1/decode?${query.toString()}`;
    return callNode(this.options, { method: 'GET', path, answer: decodedSchema });
  }

  async estimateRoute(
    request: Pick<SendPayment, 'bolt11' | 'amountMsat'>,
  ): Promise<RouteEstimate | undefined> {
    const asked = { ...request, bolt11: bolt11Text(request.bolt11) };
    const query = new URLSearchParams(encodeRequest(estimateQuerySchema, asked));
    return this.#find(`/v1/routes?${query.toString()}`, estimateSchema);
  }

  async journal(hash: PaymentHash): Promise<readonly NodeEvent[]> {
    const path = `/v1/journal/${hash}`;
    const { events } = await callNode(this.options, { method: 'GET', path, answer: journalSchema });
    return events;
  }

  subscribe(after: bigint, signal: AbortSignal): AsyncIterable<NodeEvent> {
    const { url, onTrouble = () => undefined } = this.options;
    return followEvents({ url, onTrouble }, after, signal);
  }

  #post<S extends z.ZodType>(path: string, body: unknown, answer: S): Promise<z.output<S>> {
    return callNode(this.options, { method: 'POST', path, body, answer });
  }

  async #find<S extends z.ZodType>(path: string, answer: S): Promise<z.output<S> | undefined> {
    try {
      return await callNode(this.options, { method: 'GET', path, answer });
    } catch (error) {
      if (error instanceof LightningError && error.code === 'unknown_hash') return undefined;
      throw error;
    }
  }
}

import { z } from 'zod';
import {
  LightningError,
  type CreateInvoice,
  type DecodedInvoice,
  type Invoice,
  type LightningPort,
  type NodeEvent,
  type OutgoingPayment,
  type PaymentHash,
  type PayInvoice,
  type Preimage,
} from '../port.js';
import { followEvents } from './event-feed.js';
import { callNode, encodeRequest, type Endpoint } from './http-call.js';
import {
  createInvoiceSchema,
  decodedSchema,
  invoiceSchema,
  nodeInfoSchema,
  paymentSchema,
  paySchema,
} from './protocol.js';

export interface SimulatorNodeOptions extends Endpoint {
  /** Called when the event stream breaks; it reconnects by itself. */
  readonly onTrouble?: (error: unknown) => void;
}

export type NodeInfo = z.output<typeof nodeInfoSchema>;

/** The Lightning port, implemented by the simulated node over HTTP. */
export class SimulatorNode implements LightningPort {
  constructor(private readonly options: SimulatorNodeOptions) {}

  /** The node's public key, and the cursor of its last event. */
  info(): Promise<NodeInfo> {
    return callNode(this.options, { method: 'GET', path: '/v1/info', answer: nodeInfoSchema });
  }

  async createInvoice(request: CreateInvoice): Promise<Invoice> {
    const body = encodeRequest(createInvoiceSchema, request);
    return this.#post('/v1/invoices', body, invoiceSchema);
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

  async pay(request: PayInvoice): Promise<OutgoingPayment> {
    return this.#post('/v1/payments', encodeRequest(paySchema, request), paymentSchema);
  }

  lookupPayment(hash: PaymentHash): Promise<OutgoingPayment | undefined> {
    return this.#find(`/v1/payments/${hash}`, paymentSchema);
  }

  decode(bolt11: string): Promise<DecodedInvoice> {
    const path = `/v1/decode?${new URLSearchParams({ bolt11 }).toString()}`;
    return callNode(this.options, { method: 'GET', path, answer: decodedSchema });
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

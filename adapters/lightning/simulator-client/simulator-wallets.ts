import { z } from 'zod';
import { LightningError, type Invoice, type OutgoingPayment, type PaymentHash } from '../port.js';
import type { Msat } from '../../../domain/money.js';
import { callNode, encodeRequest, type Call, type Endpoint } from './http-call.js';
import { invoiceSchema, paymentSchema } from './protocol.js';
import {
  decideSchema,
  depositSchema,
  walletInvoiceSchema,
  walletPaySchema,
  routesSchema,
  walletSchema,
  type Outcome,
  type Route,
} from './wallet-protocol.js';

export type SimulatorWallet = z.output<typeof walletSchema>;
/** How a wallet pays; by default one HTLC with the invoice's amount. */
export type HowToPay = Omit<z.output<typeof walletPaySchema>, 'bolt11' | 'amountMsat'>;
export type WalletInvoiceRequest = Omit<z.output<typeof walletInvoiceSchema>, 'outcome'>;

/** Other people's wallets at the simulated node. Throws LightningError. */
export class SimulatorWallets {
  constructor(private readonly endpoint: Endpoint) {}

  /** Creates the wallet; an existing one is not changed. */
  async open(name: string, balanceMsat: Msat): Promise<SimulatorWallet> {
    const body = encodeRequest(walletSchema, { name, balanceMsat });
    return this.#call({ method: 'PUT', path: `/wallets/${name}`, body, answer: walletSchema });
  }

  /** Refused with `bad_request` when it does not exist. */
  find(name: string): Promise<SimulatorWallet> {
    return this.#call({ method: 'GET', path: `/wallets/${name}`, answer: walletSchema });
  }

  async deposit(name: string, amountMsat: Msat): Promise<SimulatorWallet> {
    const body = encodeRequest(depositSchema, { amountMsat });
    const path = `/wallets/${name}/deposits`;
    return this.#call({ method: 'POST', path, body, answer: walletSchema });
  }

  /**
   * Returns when the payment is settled (`succeeded`) or held (`in_flight`). A second call gives the existing
   * payment. Refused: see LightningRefusal.
   */
  async pay(
    name: string,
    bolt11: string,
    amountMsat?: Msat,
    how: HowToPay = {},
  ): Promise<OutgoingPayment> {
    const request = { bolt11, ...how, ...(amountMsat === undefined ? {} : { amountMsat }) };
    const body = encodeRequest(walletPaySchema, request);
    const path = `/wallets/${name}/payments`;
    return this.#call({ method: 'POST', path, body, answer: paymentSchema });
  }

  async findPayment(name: string, hash: PaymentHash): Promise<OutgoingPayment | undefined> {
    const path = `/wallets/${name}/payments/${hash}`;
    return this.#find({ method: 'GET', path, answer: paymentSchema });
  }

  /** An invoice for the node to pay, with the outcome of that payment. */
  async createInvoice(
    name: string,
    request: WalletInvoiceRequest,
    outcome: Outcome = 'succeed',
  ): Promise<Invoice> {
    const body = encodeRequest(walletInvoiceSchema, { ...request, outcome });
    const path = `/wallets/${name}/invoices`;
    return this.#call({ method: 'POST', path, body, answer: invoiceSchema });
  }

  async findInvoice(name: string, hash: PaymentHash): Promise<Invoice | undefined> {
    const path = `/wallets/${name}/invoices/${hash}`;
    return this.#find({ method: 'GET', path, answer: invoiceSchema });
  }

  /** Replaces the routes from the node to this wallet; without any, there is one by the node's settings. */
  async setRoutes(name: string, routes: readonly Route[]): Promise<void> {
    const body = encodeRequest(routesSchema, { routes: [...routes] });
    return this.#call({ method: 'PUT', path: `/wallets/${name}/routes`, body, answer: z.void() });
  }

  /** Sets the outcome of payments to an invoice, and ends a payment that hangs. */
  async decide(name: string, hash: PaymentHash, outcome: Outcome): Promise<void> {
    const body = encodeRequest(decideSchema, { outcome });
    const path = `/wallets/${name}/invoices/${hash}/outcome`;
    return this.#call({ method: 'PUT', path, body, answer: z.void() });
  }

  #call<S extends z.ZodType>(call: Call<S>): Promise<z.output<S>> {
    return callNode(this.endpoint, call);
  }

  async #find<S extends z.ZodType>(call: Call<S>): Promise<z.output<S> | undefined> {
    try {
      return await this.#call(call);
    } catch (error) {
      if (error instanceof LightningError && error.code === 'unknown_hash') return undefined;
      throw error;
    }
  }
}

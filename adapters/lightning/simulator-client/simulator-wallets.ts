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
  walletSchema,
  type Outcome,
} from './wallet-protocol.js';

export type SimulatorWallet = z.output<typeof walletSchema>;
export type WalletInvoiceRequest = Omit<z.output<typeof walletInvoiceSchema>, 'outcome'>;

/** Other people's wallets at the simulated node. Throws LightningError like the node. */
export class SimulatorWallets {
  constructor(private readonly endpoint: Endpoint) {}

  /** Leaves one that is there already as it is. */
  async open(name: string, balanceMsat: Msat): Promise<SimulatorWallet> {
    const body = encodeRequest(walletSchema, { name, balanceMsat });
    return this.#call({ method: 'PUT', path: `/wallets/${name}`, body, answer: walletSchema });
  }

  /** Refused with `bad_request` when there is none. */
  find(name: string): Promise<SimulatorWallet> {
    return this.#call({ method: 'GET', path: `/wallets/${name}`, answer: walletSchema });
  }

  async deposit(name: string, amountMsat: Msat): Promise<SimulatorWallet> {
    const body = encodeRequest(depositSchema, { amountMsat });
    const path = `/wallets/${name}/deposits`;
    return this.#call({ method: 'POST', path, body, answer: walletSchema });
  }

  /**
   * Returns when the payment is settled (`succeeded`) or held (`in_flight`). Paying again gives the
   * payment there is. Refused: see the codes of LightningRefusal.
   */
  async pay(name: string, bolt11: string, amountMsat?: Msat): Promise<OutgoingPayment> {
    const request = { bolt11, ...(amountMsat === undefined ? {} : { amountMsat }) };
    const body = encodeRequest(walletPaySchema, request);
    const path = `/wallets/${name}/payments`;
    return this.#call({ method: 'POST', path, body, answer: paymentSchema });
  }

  async findPayment(name: string, hash: PaymentHash): Promise<OutgoingPayment | undefined> {
    const path = `/wallets/${name}/payments/${hash}`;
    return this.#find({ method: 'GET', path, answer: paymentSchema });
  }

  /** For the node to pay; `outcome` says how that will go. */
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

  /** Changes how paying an invoice goes, and ends the payment that hangs. */
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

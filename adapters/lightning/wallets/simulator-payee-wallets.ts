import { LightningError } from '../port.js';
import type { Endpoint } from '../simulator-client/http-call.js';
import { SimulatorWallets } from '../simulator-client/simulator-wallets.js';
import {
  type MintedInvoice,
  type MintInvoice,
  type PayeeWallets,
  type WalletConnection,
  WalletError,
} from './port.js';

/** Payees' wallets that are nodes of the simulator. */
export class SimulatorPayeeWallets implements PayeeWallets {
  readonly #wallets: SimulatorWallets;

  constructor(endpoint: Endpoint) {
    this.#wallets = new SimulatorWallets(endpoint);
  }

  async mint({ address }: WalletConnection, request: MintInvoice): Promise<MintedInvoice> {
    try {
      const { bolt11 } = await this.#wallets.createInvoice(address, request);
      return { bolt11 };
    } catch (error) {
      if (!(error instanceof LightningError)) throw error;
      const kind = error.kind === 'refused' ? 'refused' : 'unavailable';
      throw new WalletError(kind, `wallet ${address}: ${error.message}`, { cause: error });
    }
  }
}

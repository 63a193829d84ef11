import type {
  CreateInvoice,
  Invoice,
  OutgoingPayment,
  PaymentHash,
} from '../../adapters/lightning/port.js';
import type { Outcome, Route } from '../../adapters/lightning/simulator-client/wallet-protocol.js';
import type { Msat } from '../../domain/money.js';
import { mintInvoice } from './mint.js';
import { payFromWallet, type WalletPayment } from './receive.js';
import { decideOutcome } from './send.js';
import type { NodeSettings } from './settings.js';
import { findInvoice, insertInvoice } from './store/invoices.js';
import { replaceRoutes } from './store/routes.js';
import type { NodeState } from './store/node-state.js';
import { deposit, findParty, openParty, type Party } from './store/parties.js';
import { findPayment, toOutgoingPayment } from './store/payments.js';
import { toInvoice } from './simulated-node.js';

export interface Wallet {
  readonly name: string;
  readonly balanceMsat: Msat;
}

/** Wallets of other people, each a node with a key and a balance of its own, which pay our node's invoices and are paid by it. */
export class SimulatedWallets {
  constructor(
    private readonly state: NodeState,
    private readonly settings: NodeSettings,
  ) {}

  /** False when the name is taken; then nothing changes. */
  open({ name, balanceMsat }: Wallet): Promise<boolean> {
    return openParty(this.state.pool, { name, role: 'wallet', balanceMsat });
  }

  async find(name: string): Promise<Wallet | undefined> {
    const party = await this.#party(name);
    return party === undefined ? undefined : { name, balanceMsat: party.balanceMsat };
  }

  deposit(name: string, amountMsat: Msat): Promise<void> {
    return this.state.change(({ tx }) => deposit(tx, name, amountMsat));
  }

  /** Returns when settled or held; see {@link payFromWallet} for the refusals. */
  async pay(payment: WalletPayment): Promise<OutgoingPayment> {
    const { holdTimeoutSeconds } = this.settings;
    const row = await this.state.change((change) =>
      payFromWallet(change, payment, holdTimeoutSeconds),
    );
    return toOutgoingPayment(row);
  }

  async findPayment(wallet: string, hash: PaymentHash): Promise<OutgoingPayment | undefined> {
    const row = await findPayment(this.state.pool, wallet, hash);
    return row === undefined ? undefined : toOutgoingPayment(row);
  }

  /** An invoice for the node to pay. Undefined when there is no such wallet. */
  async createInvoice(
    wallet: string,
    request: Omit<CreateInvoice, 'kind' | 'hash'>,
    outcome: Outcome,
  ): Promise<Invoice | undefined> {
    const party = await this.#party(wallet);
    if (party === undefined) return undefined;
    const minted = mintInvoice(party, { ...request, kind: 'ordinary' }, outcome);
    return toInvoice(await insertInvoice(this.state.pool, minted));
  }

  async findInvoice(wallet: string, hash: PaymentHash): Promise<Invoice | undefined> {
    const row = await findInvoice(this.state.pool, wallet, hash);
    return row === undefined ? undefined : toInvoice(row);
  }

  /** Replaces the routes from the node to the wallet. */
  setRoutes(wallet: string, routes: readonly Route[]): Promise<void> {
    return this.state.change(({ tx }) => replaceRoutes(tx, wallet, routes));
  }

  /** Sets the outcome, and ends a payment that hangs. False when the wallet has no such invoice. */
  decide(wallet: string, hash: PaymentHash, outcome: Outcome): Promise<boolean> {
    return this.state.change((change) => decideOutcome(change, { payee: wallet, hash }, outcome));
  }

  #party(name: string): Promise<Party | undefined> {
    return findParty(this.state.pool, name, 'wallet');
  }
}

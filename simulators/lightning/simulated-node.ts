import type { Pool } from 'pg';
import { LightningError } from '../../adapters/lightning/port.js';
import type {
  CreatedInvoice,
  CreateInvoice,
  DecodedInvoice,
  NodeBalance,
  NodeInfo,
  Invoice,
  LightningPort,
  NodeEvent,
  OutgoingPayment,
  PaymentHash,
  Preimage,
  RouteEstimate,
  SendPayment,
} from '../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { cancelInvoice, closeOverdue, settleInvoice } from './invoices.js';
import { mintInvoice, readInvoice } from './mint.js';
import { estimateRoute } from './routes.js';
import { payFromNode } from './send.js';
import type { NodeSettings } from './settings.js';
import { eventsAfter, eventsOf } from './store/events.js';
import { findInvoice, insertInvoice, type InvoiceRow } from './store/invoices.js';
import { NodeState } from './store/node-state.js';
import {
  balanceOfWallets,
  findParty,
  NODE,
  openParty,
  publicKeyOf,
  type Party,
} from './store/parties.js';
import { findPayment, toOutgoingPayment } from './store/payments.js';

/** The simulated behaviour is that of lnd 0.21. */
const VERSION = 'simulator-lnd-0.21';

/** Behaves like a real node, on tables in PostgreSQL. Several processes may share them. */
export class SimulatedNode implements Omit<LightningPort, 'subscribe'> {
  private constructor(
    readonly state: NodeState,
    readonly settings: NodeSettings,
    private readonly party: Party,
  ) {}

  /** Creates the node's key and balance when there are none yet. */
  static async open(pool: Pool, settings: NodeSettings): Promise<SimulatedNode> {
    await openParty(pool, { name: NODE, role: 'node', balanceMsat: settings.nodeBalanceMsat });
    const party = await findParty(pool, NODE, 'node');
    if (party === undefined)
      throw new Error('the simulated node has no row in lightning_sim.parties');
    return new SimulatedNode(new NodeState(pool), settings, party);
  }

  /** Compressed, as hex; identifies the node. */
  get publicKey(): string {
    return publicKeyOf(this.party);
  }

  async info(): Promise<NodeInfo> {
    const blockHeight = await this.state.blockHeight();
    const { publicKey } = this;
    return { publicKey, network: 'regtest', version: VERSION, blockHeight, synced: true };
  }

  async balance(): Promise<NodeBalance> {
    const { pool } = this.state;
    const party = await findParty(pool, NODE, 'node');
    return {
      sendableMsat: party?.balanceMsat ?? ZERO_MSAT,
      receivableMsat: await balanceOfWallets(pool),
    };
  }

  async createInvoice(request: CreateInvoice): Promise<CreatedInvoice> {
    if (request.amountMsat === 0n) {
      throw LightningError.refused('bad_request', 'an invoice of the node names its amount');
    }
    const row = await insertInvoice(this.state.pool, mintInvoice(this.party, request));
    return { ...toInvoice(row), node: this.publicKey };
  }

  async lookupInvoice(hash: PaymentHash): Promise<Invoice | undefined> {
    const row = await findInvoice(this.state.pool, NODE, hash);
    return row === undefined ? undefined : toInvoice(row);
  }

  settleInvoice(preimage: Preimage): Promise<void> {
    return this.state.change((change) => settleInvoice(change, preimage));
  }

  cancelInvoice(hash: PaymentHash): Promise<void> {
    return this.state.change((change) => cancelInvoice(change, hash));
  }

  async sendPayment(request: SendPayment): Promise<OutgoingPayment> {
    const { settings, publicKey } = this;
    const row = await this.state.change((change) =>
      payFromNode(change, request, { ...settings, publicKey }),
    );
    return toOutgoingPayment(row);
  }

  estimateRoute(
    request: Pick<SendPayment, 'bolt11' | 'amountMsat'>,
  ): Promise<RouteEstimate | undefined> {
    return this.state.change((change) => estimateRoute(change, request, this.settings));
  }

  journal(hash: PaymentHash): Promise<NodeEvent[]> {
    return eventsOf(this.state.pool, hash);
  }

  async lookupPayment(hash: PaymentHash): Promise<OutgoingPayment | undefined> {
    const row = await findPayment(this.state.pool, NODE, hash);
    return row === undefined ? undefined : toOutgoingPayment(row);
  }

  decode(bolt11: string): Promise<DecodedInvoice> {
    return new Promise((resolve) => resolve(readInvoice(bolt11)));
  }

  eventsAfter(cursor: bigint, limit: number): Promise<NodeEvent[]> {
    return eventsAfter(this.state.pool, cursor, limit);
  }

  /** Adds blocks to the chain and does what is due then; gives the new height. */
  async mine(count: number): Promise<number> {
    const height = await this.state.mine(count);
    while ((await this.closeOverdue()) > 0);
    return height;
  }

  /** What has expired or timed out; see {@link closeOverdue}. */
  closeOverdue(): Promise<number> {
    return closeOverdue(this.state, this.settings.setTimeoutSeconds);
  }
}

export function toInvoice(row: InvoiceRow): Invoice {
  const { hash, kind, bolt11, state, amountMsat, receivedMsat, createdAt, expiresAt } = row;
  const { acceptHeight, expiryHeight } = row;
  const isHeld = state === 'held' && acceptHeight !== null && expiryHeight !== null;
  return {
    ...{ hash, kind, bolt11, state, amountMsat, receivedMsat, createdAt, expiresAt },
    ...(isHeld ? { held: { acceptHeight, expiryHeight } } : {}),
  };
}

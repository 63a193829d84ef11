import type { Pool } from 'pg';
import type {
  CreateInvoice,
  DecodedInvoice,
  Invoice,
  LightningPort,
  NodeEvent,
  OutgoingPayment,
  PaymentHash,
  PayInvoice,
  Preimage,
} from '../../adapters/lightning/port.js';
import { cancelInvoice, closeOverdue, settleInvoice } from './invoices.js';
import { mintInvoice, readInvoice } from './mint.js';
import { payFromNode } from './send.js';
import type { NodeSettings } from './settings.js';
import { eventsAfter } from './store/events.js';
import { findInvoice, insertInvoice, type InvoiceRow } from './store/invoices.js';
import { NodeState } from './store/node-state.js';
import { findParty, NODE, openParty, publicKeyOf, type Party } from './store/parties.js';
import { findPayment, toOutgoingPayment } from './store/payments.js';

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

  async createInvoice(request: CreateInvoice): Promise<Invoice> {
    return toInvoice(await insertInvoice(this.state.pool, mintInvoice(this.party, request)));
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

  async pay(request: PayInvoice): Promise<OutgoingPayment> {
    const row = await this.state.change((change) => payFromNode(change, request, this.settings));
    return toOutgoingPayment(row);
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

  /** Expired and timed-out invoices; see {@link closeOverdue}. */
  closeOverdue(): Promise<number> {
    return closeOverdue(this.state);
  }
}

export function toInvoice(row: InvoiceRow): Invoice {
  const { hash, kind, bolt11, state, amountMsat, receivedMsat, createdAt, expiresAt } = row;
  return { hash, kind, bolt11, state, amountMsat, receivedMsat, createdAt, expiresAt };
}

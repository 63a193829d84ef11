import {
  type Invoice,
  LightningError,
  type LightningPort,
  type NodeEvent,
  type OutgoingPayment,
  type SendPayment,
} from '../../../../adapters/lightning/port.js';
import type { SimulatedNode } from '../../../../simulators/lightning/simulated-node.js';

type Call =
  | 'createInvoice'
  | 'lookupInvoice'
  | 'settleInvoice'
  | 'cancelInvoice'
  | 'sendPayment'
  | 'lookupPayment';
/** `answer_lost` does what it was asked, `request_lost` does not; both say that they do not know. */
type Fault = 'refused' | 'unavailable' | 'answer_lost' | 'request_lost';

/** The simulated node in the process of the test, with switches to make its next calls fail. */
export class FaultyNode implements LightningPort {
  readonly #faults: { call: Call; fault: Fault }[] = [];
  /** Runs before the next call of its kind reaches the node: for races at exactly that moment. */
  readonly before = new Map<Call, () => Promise<void>>();

  /** How far its clock is ahead of the database's. */
  clockAheadMs = 0;
  /** How far its clock is ahead when it looks at an invoice that it is to pay. */
  sendsAheadMs = 0;

  constructor(private node: SimulatedNode) {}

  /** Another node answers from now on, with a key and data of its own. Gives how to bring the first one back. */
  replaceBy(other: SimulatedNode): () => void {
    const first = this.node;
    this.node = other;
    return () => {
      this.node = first;
    };
  }

  failNext(call: Call, fault: Fault, times = 1): void {
    for (let n = 0; n < times; n += 1) this.#faults.push({ call, fault });
  }

  heal(): void {
    this.#faults.length = 0;
  }

  createInvoice: LightningPort['createInvoice'] = (request) =>
    this.#through('createInvoice', async () =>
      this.#byItsClock(await this.node.createInvoice(request)),
    );
  lookupInvoice: LightningPort['lookupInvoice'] = (hash) =>
    this.#through('lookupInvoice', async () => {
      const invoice = await this.node.lookupInvoice(hash);
      return invoice === undefined ? undefined : this.#byItsClock(invoice);
    });
  settleInvoice: LightningPort['settleInvoice'] = (preimage) =>
    this.#through('settleInvoice', () => this.node.settleInvoice(preimage));
  cancelInvoice: LightningPort['cancelInvoice'] = (hash) =>
    this.#through('cancelInvoice', () => this.node.cancelInvoice(hash));
  info: LightningPort['info'] = () => this.node.info();
  balance: LightningPort['balance'] = () => this.node.balance();
  sendPayment: LightningPort['sendPayment'] = (request) =>
    this.#through('sendPayment', () => this.#sendByItsClock(request));
  estimateRoute: LightningPort['estimateRoute'] = (request) => this.node.estimateRoute(request);
  journal: LightningPort['journal'] = (hash) => this.node.journal(hash);
  lookupPayment: LightningPort['lookupPayment'] = (hash) =>
    this.#through('lookupPayment', () => this.node.lookupPayment(hash));
  decode: LightningPort['decode'] = (bolt11) => this.node.decode(bolt11);
  subscribe: LightningPort['subscribe'] = () => {
    throw new Error('tests deliver events themselves');
  };

  mine(count: number): Promise<number> {
    return this.node.mine(count);
  }

  eventsAfter(cursor: bigint, limit: number): Promise<NodeEvent[]> {
    return this.node.eventsAfter(cursor, limit);
  }

  async #sendByItsClock(request: SendPayment): Promise<OutgoingPayment> {
    const { expiresAt } = await this.node.decode(request.bolt11);
    if (expiresAt.getTime() <= Date.now() + this.sendsAheadMs) {
      throw LightningError.refused('invoice_expired', 'expired by the clock of a test');
    }
    return this.node.sendPayment(request);
  }

  #byItsClock<I extends Invoice>(invoice: I): I {
    const shifted = (at: Date): Date => new Date(at.getTime() + this.clockAheadMs);
    const { createdAt, expiresAt } = invoice;
    return { ...invoice, createdAt: shifted(createdAt), expiresAt: shifted(expiresAt) };
  }

  async #through<T>(call: Call, act: () => Promise<T>): Promise<T> {
    const before = this.before.get(call);
    this.before.delete(call);
    await before?.();
    const index = this.#faults.findIndex((fault) => fault.call === call);
    const [hit] = index === -1 ? [] : this.#faults.splice(index, 1);
    if (hit?.fault === 'refused') throw LightningError.refused('bad_request', 'refused by a test');
    if (hit?.fault === 'unavailable') throw LightningError.unavailable('away by a test');
    if (hit?.fault === 'request_lost') throw LightningError.unknown('lost by a test');
    const result = await act();
    if (hit?.fault === 'answer_lost') throw LightningError.unknown('answer lost by a test');
    return result;
  }
}

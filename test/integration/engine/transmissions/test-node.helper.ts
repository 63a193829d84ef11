import {
  LightningError,
  type CreateInvoice,
  type Invoice,
  type LightningPort,
} from '../../../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../../../domain/money.js';
import { hashOfPreimage } from '../../../../engine/invoices/preimage.js';

type Fault = 'refused' | 'unavailable' | 'answer_lost';

const NODE = `02${'ab'.repeat(32)}`;

/** A node with nothing but ordinary invoices, and switches to make it fail. */
export interface TestNode extends LightningPort {
  readonly invoices: Map<string, Invoice>;
  /** How the next call fails; `answer_lost` does what it was asked first. */
  failNext(call: 'createInvoice' | 'cancelInvoice' | 'lookupInvoice', fault: Fault): void;
  settle(hash: string): void;
}

export function createTestNode(): TestNode {
  const invoices = new Map<string, Invoice>();
  const faults = new Map<string, Fault>();
  const answer = <T>(call: string, act: () => T): Promise<T> => {
    const fault = faults.get(call);
    faults.delete(call);
    try {
      if (fault === 'refused') throw LightningError.refused('bad_request', 'refused by a test');
      if (fault === 'unavailable') throw LightningError.unavailable('away by a test');
      const result = act();
      if (fault === 'answer_lost') throw LightningError.unknown('answer lost by a test');
      return Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const change = (hash: string, to: Partial<Invoice>): void => {
    const invoice = invoices.get(hash);
    if (invoice !== undefined) invoices.set(hash, { ...invoice, ...to });
  };
  return {
    ...NOT_NEEDED,
    invoices,
    failNext: (call, fault) => void faults.set(call, fault),
    settle: (hash) => {
      change(hash, {
        state: 'settled',
        receivedMsat: invoices.get(hash)?.amountMsat ?? ZERO_MSAT,
      });
    },
    info: () =>
      Promise.resolve({
        ...{ publicKey: NODE, network: 'regtest', version: 'test', blockHeight: 1, synced: true },
      }),
    createInvoice: (request) =>
      answer('createInvoice', () => {
        const invoice = newInvoice(request);
        if (invoices.has(invoice.hash))
          throw LightningError.refused('duplicate_hash', invoice.hash);
        invoices.set(invoice.hash, invoice);
        return { ...invoice, node: NODE };
      }),
    lookupInvoice: (hash) => answer('lookupInvoice', () => invoices.get(hash)),
    cancelInvoice: (hash) =>
      answer('cancelInvoice', () => {
        const invoice = invoices.get(hash);
        if (invoice === undefined) throw LightningError.refused('unknown_hash', hash);
        if (invoice.state === 'settled') throw LightningError.refused('already_settled', hash);
        change(hash, { state: 'canceled' });
      }),
  };
}

function newInvoice({ preimage, amountMsat, expirySeconds }: CreateInvoice): Invoice {
  const hash = hashOfPreimage(preimage ?? '');
  const createdAt = new Date();
  return {
    hash,
    kind: 'ordinary',
    bolt11: `lnbcrt-test-${hash}`,
    state: 'open',
    amountMsat,
    receivedMsat: ZERO_MSAT,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + expirySeconds * 1000),
  };
}

const unused = (): never => {
  throw new Error('orders do not call this');
};

const NOT_NEEDED = {
  info: unused,
  balance: unused,
  settleInvoice: unused,
  sendPayment: unused,
  estimateRoute: unused,
  journal: unused,
  lookupPayment: unused,
  decode: unused,
  subscribe: unused,
};

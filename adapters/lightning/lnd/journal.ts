import type { NodeEvent, PaymentHash } from '../port.js';

type Told<T> = T extends unknown ? Omit<T, 'cursor'> : never;

/** What was seen of the node. `index` is the payment's, as a failed hash may be paid, and fail, again; 0 for an invoice. */
export type Observation = Told<NodeEvent> & { readonly index: bigint };

/** Up to where lnd's stream of invoices was read. */
export interface StreamIndexes {
  readonly add: bigint;
  readonly settle: bigint;
}

/** What is ours on a node that others may use too: keysend, AMP and invoices of others reach nobody. */
export interface OwnHashes {
  isOwn(hash: PaymentHash): Promise<boolean>;
  /** Of invoices that are not settled or canceled by our rows, or are and were not seen to be: lnd replays nothing from index 0. */
  openInvoices(): Promise<readonly PaymentHash[]>;
  /** Of payments that were sent and have not ended by our rows, or have and were not seen to. */
  openPayments(): Promise<readonly PaymentHash[]>;
}

/** Where observations are kept, each once. */
export interface ObservationStore {
  indexes(): Promise<StreamIndexes>;
  /** In one transaction: the row, unless it is there, and the indexes, which never go back. */
  record(observation: Observation | undefined, indexes?: StreamIndexes): Promise<void>;
}

/** What was seen, for whoever reads it. */
export interface NodeJournal {
  of(hash: PaymentHash): Promise<readonly NodeEvent[]>;
  after(cursor: bigint, signal: AbortSignal): AsyncIterable<NodeEvent>;
}

/** Of processes that do not watch the node. */
export const NO_JOURNAL: NodeJournal = {
  of: () => Promise.reject(new Error('only the watcher of the node reads its journal')),
  after: () => {
    throw new Error('only the watcher of the node reads its journal');
  },
};

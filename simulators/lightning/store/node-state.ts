import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../../../db/transaction.js';
import { appendEvent, type NewEvent } from './events.js';

/** Something that is happening to the node: its transaction, and how the node tells of it. */
export interface Change {
  readonly tx: PoolClient;
  readonly tell: (event: NewEvent) => Promise<void>;
}

/** The node's data, and the one way to change its state. */
export class NodeState {
  readonly #afterChange = new Set<() => void>();
  /** A fault: whether the node says an event again, under a cursor of its own. */
  saysAgain: () => boolean = () => false;

  constructor(readonly pool: Pool) {}

  /**
   * One transaction, one at a time for the whole node: rows read in it stay as they are, and events
   * are committed in the order of their cursors.
   */
  async change<T>(work: (change: Change) => Promise<T>): Promise<T> {
    const result = await inTransaction(this.pool, async (tx) => {
      await tx.query('select last_cursor from lightning_sim.node for update');
      return work({ tx, tell: (event) => this.#tell(tx, event) });
    });
    this.#afterChange.forEach((wake) => wake());
    return result;
  }

  /** Calls back after each change until the returned function is called. */
  onChange(wake: () => void): () => void {
    this.#afterChange.add(wake);
    return () => this.#afterChange.delete(wake);
  }

  async #tell(tx: PoolClient, event: NewEvent): Promise<void> {
    await appendEvent(tx, event);
    if (this.saysAgain()) await appendEvent(tx, event);
  }
}

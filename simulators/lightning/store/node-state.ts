import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../../../db/transaction.js';
import { appendEvent, type NewEvent } from './events.js';

/** A change of the node's state: its transaction, and how to append events to the node's stream. */
export interface Change {
  readonly tx: PoolClient;
  /** Of the chain; it does not change meanwhile, unless this change mines. */
  readonly height: number;
  readonly emit: (event: NewEvent) => Promise<void>;
}

/** The node's data, and the only way to change its state. */
export class NodeState {
  readonly #afterChange = new Set<() => void>();
  /** A fault: whether an event is appended a second time, under a new cursor. */
  repeatsEvent: () => boolean = () => false;

  constructor(readonly pool: Pool) {}

  /**
   * Runs one transaction at a time for the whole node: rows read in it do not change meanwhile, and events
   * are committed in the order of their cursors.
   */
  async change<T>(work: (change: Change) => Promise<T>): Promise<T> {
    const result = await inTransaction(this.pool, async (tx) => {
      const { rows } = await tx.query<{ height: number }>(
        'select block_height as height from lightning_sim.node for update',
      );
      const height = rows[0]?.height ?? 0;
      return work({ tx, height, emit: (event) => this.#emit(tx, event) });
    });
    this.#afterChange.forEach((wake) => wake());
    return result;
  }

  async blockHeight(): Promise<number> {
    const { rows } = await this.pool.query<{ height: number }>(
      'select block_height as height from lightning_sim.node',
    );
    return rows[0]?.height ?? 0;
  }

  /** Adds blocks to the chain; gives the new height. */
  mine(count: number): Promise<number> {
    return this.change(async ({ tx, height }) => {
      await tx.query('update lightning_sim.node set block_height = block_height + $1', [count]);
      return height + count;
    });
  }

  /** Calls back after each change until the returned function is called. */
  onChange(wake: () => void): () => void {
    this.#afterChange.add(wake);
    return () => this.#afterChange.delete(wake);
  }

  async #emit(tx: PoolClient, event: NewEvent): Promise<void> {
    await appendEvent(tx, event);
    if (this.repeatsEvent()) await appendEvent(tx, event);
  }
}

import { createHash } from 'node:crypto';
import pg from 'pg';
import { isStalePlan } from './stale-plan.js';

/** Each is kept by PostgreSQL in every connection that used it, with its plan. */
const MAX_PREPARED = 500;

type Callback = (error: unknown, result?: unknown) => void;
type Send = (query: unknown, values?: unknown, callback?: Callback) => unknown;

/** Statements seen once; prepared when they come again, so that those put together for one request are not. */
const seen = new Set<string>();
const names = new Map<string, string>();

/**
 * Prepares the statements that come again: PostgreSQL then reads and plans each once per connection and not every time, which is
 * most of what a short statement costs it. Statements without parameters are sent as they are. What is sent in one turn goes out
 * with one call to the system.
 */
export class PreparingClient extends pg.Client {
  readonly #send: Send;
  #gathering = false;
  /** Of the names: those of the one before belong to tables that have changed. */
  #generation = 0;

  constructor(config?: pg.ClientConfig) {
    super(config);
    this.#send = this.query.bind(this);
    const prepare: Send = (query, values, callback) => this.#prepare(query, values, callback);
    this.query = prepare as typeof this.query;
  }

  #prepare(text: unknown, values: unknown, callback: Callback | undefined): unknown {
    this.#gather();
    if (typeof text !== 'string' || !Array.isArray(values)) {
      return this.#send(text, values, callback);
    }
    const name = nameOf(text);
    if (name === undefined) return this.#send(text, values, callback);
    const query = { name: `${name}${this.#generation}`, text, values };
    if (callback === undefined) return this.#again(query);
    this.#again(query).then((result) => callback(null, result), callback);
    return undefined;
  }

  /** Reads and plans it anew when its tables have changed: here, or, in a transaction, when that is run again. */
  async #again(query: pg.QueryConfig): Promise<unknown> {
    const { text, values } = query;
    try {
      return await this.#send(query);
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      this.#generation += 1;
      if (this.getTransactionStatus() !== 'I') throw error;
      return this.#send(text, values);
    }
  }

  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    // Another one than at first, where the connection is encrypted.
    const { stream } = this.connection;
    stream.cork();
    process.nextTick(() => {
      this.#gathering = false;
      stream.uncork();
    });
  }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= MAX_PREPARED) return undefined;
  if (!seen.has(text)) {
    if (seen.size >= MAX_PREPARED) seen.clear();
    seen.add(text);
    return undefined;
  }
  const name = createHash('sha256').update(text).digest('base64url');
  seen.delete(text);
  names.set(text, name);
  return name;
}

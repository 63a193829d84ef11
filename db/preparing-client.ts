import { createHash } from 'node:crypto';
import pg from 'pg';
import { isStalePlan } from './errors.js';

/** PostgreSQL keeps each statement and its plan in every connection that used it. */
const MAX_PREPARED = 500;

type Callback = (error: unknown, result?: unknown) => void;
type Send = (query: unknown, values?: unknown, callback?: Callback) => unknown;

/** Statements sent once. They are prepared from the second time on, so that statements built for one request are not. */
const seen = new Set<string>();
const names = new Map<string, string>();

/**
 * Prepares statements that are repeated: PostgreSQL parses and plans each once per connection, which is most of the cost of a short
 * statement. Statements without parameters are sent as they are. Everything sent in one turn of the event loop goes out in one
 * system call.
 */
export class PreparingClient extends pg.Client {
  readonly #send: Send;
  #corked = false;
  /** Part of each name. Names of an earlier generation belong to tables that have changed. */
  #generation = 0;

  constructor(config?: pg.ClientConfig) {
    super(config);
    this.#send = this.query.bind(this);
    const prepare: Send = (query, values, callback) => this.#prepare(query, values, callback);
    this.query = prepare as typeof this.query;
  }

  #prepare(text: unknown, values: unknown, callback: Callback | undefined): unknown {
    this.#cork();
    if (typeof text !== 'string' || !Array.isArray(values)) {
      return this.#send(text, values, callback);
    }
    const name = nameOf(text);
    if (name === undefined) return this.#send(text, values, callback);
    const query = { name: `${name}${this.#generation}`, text, values };
    if (callback === undefined) return this.#sendPrepared(query);
    this.#sendPrepared(query).then((result) => callback(null, result), callback);
    return undefined;
  }

  /** Prepares again when the tables have changed: here, or in a transaction when the transaction is run again. */
  async #sendPrepared(query: pg.QueryConfig): Promise<unknown> {
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

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    // Read each time: TLS replaces the stream after connecting.
    const { stream } = this.connection;
    stream.cork();
    process.nextTick(() => {
      this.#corked = false;
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

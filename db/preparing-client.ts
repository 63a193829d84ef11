import { createHash } from 'node:crypto';
import pg from 'pg';

/** Each is kept by PostgreSQL in every connection that used it, with its plan. */
const MAX_PREPARED = 500;

type Send = (query: unknown, values?: unknown, callback?: unknown) => unknown;

/** Statements seen once; prepared when they come again, so that those put together for one request are not. */
const seen = new Set<string>();
const names = new Map<string, string>();

/**
 * Prepares the statements that come again: PostgreSQL then reads and plans each once per connection and not every time, which is
 * most of what a short statement costs it. Statements without parameters are sent as they are. What is sent in one turn goes out
 * with one call to the system.
 */
export class PreparingClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const send = this.query.bind(this) as Send;
    let gathering = false;
    const gather = (): void => {
      if (gathering) return;
      gathering = true;
      // Another one than at first, where the connection is encrypted.
      const { stream } = this.connection;
      stream.cork();
      process.nextTick(() => {
        gathering = false;
        stream.uncork();
      });
    };
    const prepare: Send = (query, values, callback) => {
      gather();
      if (typeof query !== 'string' || !Array.isArray(values)) return send(query, values, callback);
      const name = nameOf(query);
      if (name === undefined) return send(query, values, callback);
      return send({ name, text: query, values }, undefined, callback);
    };
    this.query = prepare as typeof this.query;
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

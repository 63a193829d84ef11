import type { Pool, PoolClient } from 'pg';
import { createPool } from '../../../../db/pool.js';
import type { LightningPort } from '../../../../adapters/lightning/port.js';
import type { EngineContext } from '../../../../engine/context.js';

export interface Trips {
  /** Times that something was asked while nothing else was waited for: how often the work waits, one after the other. */
  readonly inSeries: number;
  /** Of these, how many began with a call to the node. */
  readonly ofNode: number;
  readonly statements: number;
  readonly nodeCalls: number;
}

const NODE_CALLS: ReadonlySet<PropertyKey> = new Set([
  ...['createInvoice', 'lookupInvoice', 'settleInvoice', 'cancelInvoice', 'info', 'balance'],
  ...['sendPayment', 'estimateRoute', 'lookupPayment', 'decode'],
]);

/** An engine whose statements and calls to the node are counted. */
export class CountedEngine {
  #waitedFor = 0;
  #inSeries = 0;
  #ofNode = 0;
  #statements = 0;
  #nodeCalls = 0;
  readonly engine: EngineContext;
  readonly pool: Pool;

  constructor(of: EngineContext, connectionString: string) {
    this.pool = createPool({
      ...{ connectionString, max: 4, applicationName: 'quittance-test' },
      onError: () => undefined,
    });
    this.pool.on('connect', (client) => this.#count(client));
    this.engine = { ...of, pool: this.pool, node: this.#counted(of.node) };
  }

  /** What the work takes. */
  async of(work: () => Promise<unknown>): Promise<Trips> {
    const before = this.#now();
    await work();
    const after = this.#now();
    return {
      inSeries: after.inSeries - before.inSeries,
      ofNode: after.ofNode - before.ofNode,
      statements: after.statements - before.statements,
      nodeCalls: after.nodeCalls - before.nodeCalls,
    };
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  #now(): Trips {
    return {
      ...{ inSeries: this.#inSeries, ofNode: this.#ofNode },
      ...{ statements: this.#statements, nodeCalls: this.#nodeCalls },
    };
  }

  #count(client: PoolClient): void {
    const query: (...args: unknown[]) => unknown = client.query.bind(client);
    const counted = (...args: unknown[]): unknown => {
      this.#statements += 1;
      return this.#waitFor(query(...args), false);
    };
    Object.assign(client, { query: counted });
  }

  #counted(node: LightningPort): LightningPort {
    return new Proxy(node, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || !NODE_CALLS.has(name)) return member;
        return (...args: unknown[]): unknown => {
          this.#nodeCalls += 1;
          const answer: unknown = Reflect.apply(member, target, args);
          return this.#waitFor(answer, true);
        };
      },
    });
  }

  #waitFor(answer: unknown, isNode: boolean): unknown {
    if (!(answer instanceof Promise)) return answer;
    if (this.#waitedFor === 0) {
      this.#inSeries += 1;
      this.#ofNode += isNode ? 1 : 0;
    }
    this.#waitedFor += 1;
    const ended = (): void => {
      this.#waitedFor -= 1;
    };
    answer.then(ended, ended);
    return answer;
  }
}

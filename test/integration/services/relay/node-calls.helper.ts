import { randomBytes } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import type { NodeCallKind } from '../../../../domain/invoices/node-calls.js';
import { callRow, enqueue } from '../../../../engine/outbox.js';
import { NodeCallMetrics } from '../../../../services/relay/metrics-node-calls.js';
import type { Logger } from '../../../../services/shared/logger.js';
import { type MakeCall, NodeLoop } from '../../../../services/relay/outbox/node/node-loop.js';
import { waitUntil } from '../../../support/wait-until.js';
import { logger, relayDatabase, unpublished, type Database } from './fixture.helper.js';

let database: Database;
const stops: (() => Promise<void>)[] = [];

/** A database for the tests of a file, with an empty outbox for each; loops are stopped after each. */
export function useNodeCalls(): { readonly database: Database } {
  beforeAll(async () => {
    database = await relayDatabase();
  });
  beforeEach(() => database.pool.query('truncate outbox'));
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });
  afterAll(() => database.close());
  return {
    get database() {
      return database;
    },
  };
}

export const newHash = (): string => randomBytes(32).toString('hex');

export async function addCalls(
  kind: NodeCallKind,
  count = 1,
  times: Parameters<typeof callRow>[2] = {},
): Promise<string[]> {
  const hashes = Array.from({ length: count }, newHash);
  await inTransaction(database.pool, (tx) =>
    enqueue(
      tx,
      hashes.map((hash) => callRow(kind, hash, times)),
    ),
  );
  return hashes;
}

export function startNodeLoop(
  makeCall: MakeCall,
  log: Logger = logger,
): { loop: NodeLoop; registry: Registry } {
  const registry = new Registry();
  const metrics = new NodeCallMetrics(registry);
  const loop = new NodeLoop(makeCall, {
    ...{ pool: database.pool, logger: log, metrics, pollMs: 50 },
  });
  loop.start();
  stops.push(() => loop.stop());
  return { loop, registry };
}

/** Calls that end when the test says so, and at its end. */
export class SlowNode {
  readonly begun: { kind: NodeCallKind; hash: string }[] = [];
  readonly #pending: ((error?: Error) => void)[] = [];

  constructor() {
    stops.unshift(() => {
      this.answer(Infinity);
      return Promise.resolve();
    });
  }

  readonly makeCall: MakeCall = (kind, hash) => {
    this.begun.push({ kind, hash });
    return new Promise((resolve, reject) => {
      this.#pending.push((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  };

  count(kind: NodeCallKind): number {
    return this.begun.filter((call) => call.kind === kind).length;
  }

  answer(count: number, error?: Error): void {
    for (const end of this.#pending.splice(0, count)) end(error);
  }

  untilBegun(count: number): Promise<boolean> {
    return waitUntil(`${count} calls have begun`, () => this.begun.length === count);
  }
}

export const untilLeft = (count: number): Promise<boolean> =>
  waitUntil(
    `${count} rows are left`,
    async () => (await unpublished(database.pool)) === count,
    30_000,
  );

interface Row {
  readonly attempts: number;
  readonly error: string | null;
  /** Seconds until it is tried again. */
  readonly wait: number;
  readonly leased: boolean;
  readonly done: boolean;
}

export async function callOf(hash: string | undefined): Promise<Row | undefined> {
  const { rows } = await database.pool.query<Row>(
    `select attempts, last_error as error, published_at is not null as done,
       extract(epoch from available_at - clock_timestamp())::float8 as wait,
       coalesce(leased_until > clock_timestamp(), false) as leased
     from outbox where subject = $1`,
    [hash],
  );
  return rows[0];
}

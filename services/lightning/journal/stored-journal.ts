import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type {
  NodeJournal,
  Observation,
  ObservationStore,
  StreamIndexes,
} from '../../../adapters/lightning/lnd/journal.js';
import { type NodeEvent, PAYMENT_FAILURES } from '../../../adapters/lightning/port.js';
import { toMsat } from '../../../domain/money.js';

/** A connection or a pool; to write, that of the watcher's lock, so that who has lost the lock writes nothing. */
export interface Queries {
  query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Pools read an int8 as a bigint, the lock's connection as text. */
const big = z.union([z.string(), z.bigint()]).transform(BigInt);
const msat = big.transform(toMsat);
const told = { cursor: big, at: z.date(), hash: z.string() };
const eventRow = z.discriminatedUnion('type', [
  z.object({
    ...{ ...told, type: z.literal('invoice') },
    state: z.enum(['held', 'settled', 'canceled']),
    received_msat: msat,
  }),
  z.object({
    ...{ ...told, type: z.literal('payment') },
    state: z.enum(['succeeded', 'failed']),
    fee_msat: msat,
    preimage: z.string().nullable(),
    failure: z.enum(PAYMENT_FAILURES).nullable(),
  }),
]);
const indexesRow = z.object({ add_index: big, settle_index: big });

const COLUMNS = 'cursor, at, hash, type, state, received_msat, fee_msat, preimage, failure';
const BATCH = 200;
/** How often it is read when nobody says that there is more. */
const POLL_MS = 1_000;

/** The journal of a node in PostgreSQL (table lightning_journal). */
export class StoredJournal implements NodeJournal {
  #more = new AbortController();

  constructor(
    private readonly node: string,
    private readonly reads: Queries,
  ) {}

  /** Writes over this connection; readers of this journal are told at once. */
  over(connection: Queries): ObservationStore {
    return {
      indexes: () => this.#indexes(connection),
      record: (observed, indexes) => this.#record(connection, observed, indexes),
    };
  }

  async #indexes(connection: Queries): Promise<StreamIndexes> {
    const { rows } = await connection.query(
      'select add_index, settle_index from lightning_indexes where node = $1',
      [this.node],
    );
    if (rows[0] === undefined) return { add: 0n, settle: 0n };
    const { add_index: add, settle_index: settle } = indexesRow.parse(rows[0]);
    return { add, settle };
  }

  async #record(
    connection: Queries,
    observed: Observation | undefined,
    indexes?: StreamIndexes,
  ): Promise<void> {
    const { add = 0n, settle = 0n } = indexes ?? {};
    const invoice = observed?.type === 'invoice' ? observed : undefined;
    const payment = observed?.type === 'payment' ? observed : undefined;
    await connection.query(
      `with moved as (
         insert into lightning_indexes as i (node, add_index, settle_index)
         select $1, $2, $3 where $2::bigint + $3::bigint > 0
         on conflict (node) do update set add_index = greatest(i.add_index, excluded.add_index),
           settle_index = greatest(i.settle_index, excluded.settle_index)
          where excluded.add_index > i.add_index or excluded.settle_index > i.settle_index)
       insert into lightning_journal
         (node, hash, type, state, payment_index, at, received_msat, fee_msat, preimage, failure)
       select $1, $4::text, $5, $6, $7, $8, $9, $10, $11, $12 where $4::text is not null
           and not exists (select from lightning_journal where node = $1 and hash = $4 and type = $5
             and state = $6 and payment_index = $7)
       on conflict do nothing`,
      [
        ...[this.node, add, settle],
        ...[observed?.hash, observed?.type, observed?.state, observed?.index, observed?.at],
        ...[invoice?.receivedMsat, payment?.feeMsat, payment?.preimage, payment?.failure],
      ],
    );
    this.#more.abort();
  }

  async of(hash: string): Promise<readonly NodeEvent[]> {
    const { rows } = await this.reads.query(
      `select ${COLUMNS} from lightning_journal where node = $1 and hash = $2 order by cursor`,
      [this.node, hash],
    );
    return rows.map(eventOf);
  }

  async *after(cursor: bigint, signal: AbortSignal): AsyncGenerator<NodeEvent, void, undefined> {
    let last = cursor;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const more = (this.#more = new AbortController());
      const events = await this.#batch(last);
      for (const event of events) {
        if (isOver()) return;
        yield event;
        last = event.cursor;
      }
      if (events.length === BATCH) continue;
      const until = AbortSignal.any([signal, more.signal]);
      await pause(POLL_MS, undefined, { signal: until }).catch(() => undefined);
    }
  }

  async #batch(after: bigint): Promise<NodeEvent[]> {
    const { rows } = await this.reads.query(
      `select ${COLUMNS} from lightning_journal where node = $1 and cursor > $2
        order by cursor limit ${BATCH}`,
      [this.node, after],
    );
    return rows.map(eventOf);
  }
}

function eventOf(row: unknown): NodeEvent {
  const read = eventRow.parse(row);
  const { cursor, at, hash } = read;
  if (read.type === 'invoice') {
    const { type, state, received_msat: receivedMsat } = read;
    return { cursor, at, hash, type, state, receivedMsat };
  }
  const { type, state, fee_msat: feeMsat, preimage, failure } = read;
  return {
    ...{ cursor, at, hash, type, state, feeMsat },
    ...(preimage !== null && { preimage }),
    ...(failure !== null && { failure }),
  };
}

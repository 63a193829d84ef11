import { readFile } from 'node:fs/promises';
import type { Pool } from 'pg';
import type { z } from 'zod';
import { LndChannel } from '../../../adapters/lightning/lnd/channel.js';
import type { Fields, Method } from '../../../adapters/lightning/lnd/codec.js';
import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import { LndObserver } from '../../../adapters/lightning/lnd/observer.js';
import type { LightningNetwork } from '../../../services/cli/servers/lightning/network.js';
import { payFrom } from '../../../services/cli/up/own-lnd.js';
import { StoredJournal } from '../../../services/lightning/journal/stored-journal.js';
import { waitUntil } from '../../support/wait-until.js';
import { atOnce, range } from './at-once.js';
import { addHoldInvoice } from './hold-invoices.js';

/** Its rows are told apart by it, and deleted. */
const NODE = 'soak-streams';
const WAIT_MS = 240_000;
/** Of those with a stream, and of those beyond the limit. */
const PAID = 40;
const PAID_BEYOND = 10;

/** Counts streams of single invoices that have said something, and goes on. */
class CountingChannel extends LndChannel {
  streams = 0;

  override async *stream<S extends z.ZodType>(
    method: Method<S>,
    request: Fields,
    signal: AbortSignal,
  ): AsyncGenerator<z.output<S>, void, undefined> {
    let counts = method.path === METHODS.subscribeSingleInvoice.path;
    for await (const answer of super.stream(method, request, signal)) {
      if (counts) this.streams += 1;
      counts = false;
      yield answer;
    }
  }
}

interface Streams {
  readonly streams: number;
  readonly openedSeconds: number;
  /** Of this process, and of lnd, for all streams. */
  readonly oursMiB: number;
  readonly lndMiB: number;
  /** From the payment to the row. */
  readonly heldSeconds: number;
  readonly heldBeyondSeconds: number;
  /** From the last cancellation to the last row. */
  readonly canceledSeconds: number;
  readonly held: number;
  readonly canceled: number;
}

/** One watcher follows so many open hold invoices of alice; some are paid, and all are canceled. */
export async function manyStreams(
  pool: Pool,
  { alice, bob }: LightningNetwork,
  count: number,
): Promise<Streams> {
  const invoices = await atOnce(16, range(count), () => addHoldInvoice(alice, 50_000n));
  const hashes = invoices.map(({ hash }) => hash);
  const own = new Set(hashes);
  const open = new Set(hashes);
  const store = new StoredJournal(NODE, pool).over(pool);
  const lnd = new CountingChannel({ ...alice.files, timeoutMs: 20_000 });
  const stopping = new AbortController();
  const troubles: unknown[] = [];
  const before = await memory(alice.server.pid);
  const began = performance.now();
  const observer = new LndObserver({
    ...{ lnd, onTrouble: (error) => troubles.push(error) },
    store: {
      indexes: () => store.indexes(),
      record: async (observed, indexes) => {
        await store.record(observed, indexes);
        // As our rows do: what is over is not asked for any more.
        if (observed?.state === 'canceled') open.delete(observed.hash);
      },
    },
    own: {
      isOwn: (hash) => Promise.resolve(own.has(hash)),
      openInvoices: () => Promise.resolve([...open]),
      openPayments: () => Promise.resolve([]),
    },
  });
  const running = observer.run(stopping.signal);
  const since = (from: number): number => (performance.now() - from) / 1000;
  try {
    const most = Math.min(count, 5_000);
    await waitUntil('all streams', () => lnd.streams >= most, WAIT_MS);
    const openedSeconds = since(began);
    const { streams } = lnd;
    const now = await memory(alice.server.pid);
    const pay = async (which: typeof invoices): Promise<number> => {
      const from = performance.now();
      await atOnce(10, which, ({ bolt11 }) => payFrom(bob.channel, bolt11));
      await untilSeen(pool, 'held', new Set(which.map(({ hash }) => hash)));
      return since(from);
    };
    const heldSeconds = await pay(invoices.slice(0, PAID));
    const heldBeyondSeconds = count > most ? await pay(invoices.slice(-PAID_BEYOND)) : 0;
    await atOnce(16, hashes, (hash) =>
      alice.channel.call(METHODS.cancelInvoice, { payment_hash: Buffer.from(hash, 'hex') }),
    );
    const canceledAt = performance.now();
    const canceled = await untilSeen(pool, 'canceled', own);
    const canceledSeconds = since(canceledAt);
    const held = await seen(pool, 'held');
    if (troubles.length > 0)
      throw new Error(`${troubles.length} streams broke`, { cause: troubles[0] });
    return {
      ...{ streams, openedSeconds, heldSeconds, heldBeyondSeconds, canceledSeconds },
      ...{ oursMiB: now.ours - before.ours, lndMiB: now.lnd - before.lnd },
      ...{ held: held.length, canceled },
    };
  } finally {
    stopping.abort();
    await running;
    lnd.close();
    await pool.query('delete from lightning_journal where node = $1', [NODE]);
    await pool.query('delete from lightning_indexes where node = $1', [NODE]);
  }
}

async function untilSeen(pool: Pool, state: string, wanted: ReadonlySet<string>): Promise<number> {
  return waitUntil(
    `${wanted.size} ${state} in the journal`,
    async () => {
      const found = await seen(pool, state);
      const all = found.filter((hash) => wanted.has(hash));
      return all.length === wanted.size ? all.length : undefined;
    },
    WAIT_MS,
  );
}

async function seen(pool: Pool, state: string): Promise<string[]> {
  const { rows } = await pool.query<{ hash: string }>(
    'select hash from lightning_journal where node = $1 and state = $2',
    [NODE, state],
  );
  return rows.map(({ hash }) => hash);
}

/** Resident, in MiB. */
async function memory(
  lndPid: number | undefined,
): Promise<{ readonly ours: number; readonly lnd: number }> {
  const status = await readFile(`/proc/${lndPid ?? 0}/status`, 'utf8');
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  return { ours: process.memoryUsage().rss / 1024 ** 2, lnd: kib / 1024 };
}

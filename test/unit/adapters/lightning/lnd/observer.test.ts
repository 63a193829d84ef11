import { afterEach, expect, test } from 'vitest';
import type { z } from 'zod';
import { LndChannel } from '../../../../../adapters/lightning/lnd/channel.js';
import type { Fields, Method } from '../../../../../adapters/lightning/lnd/codec.js';
import type { Observation, StreamIndexes } from '../../../../../adapters/lightning/lnd/journal.js';
import type { LndInvoice } from '../../../../../adapters/lightning/lnd/messages.js';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import { LndObserver } from '../../../../../adapters/lightning/lnd/observer.js';
import { waitUntil } from '../../../../support/wait-until.js';

const hashOf = (n: number): string => n.toString(16).padStart(64, '0');

function invoice(over: Partial<LndInvoice>): LndInvoice {
  return {
    ...{ memo: '', r_hash: hashOf(1), r_preimage: '', creation_date: 1n, settle_date: 2n },
    ...{ payment_request: 'lnbcrt1', expiry: 600n, add_index: 4n, settle_index: 3n },
    ...{ amt_paid_msat: 5_000n, value_msat: 5_000n, state: 'SETTLED', htlcs: [] },
    ...{ is_keysend: false, is_amp: false, ...over },
  };
}

/** A node that says this on its stream of all invoices, and nothing on others; each invoice that is looked up is canceled. */
class Scripted extends LndChannel {
  singles = 0;

  constructor(private readonly told: readonly LndInvoice[] = []) {
    const credentials = {
      current: () => Promise.reject(new Error('not needed')),
      doubt: () => undefined,
    };
    super({ address: '127.0.0.1:1', timeoutMs: 5_000, serverName: 'localhost', credentials });
  }

  override async *stream<S extends z.ZodType>(
    { path }: Method<S>,
    _request: Fields,
    signal: AbortSignal,
  ): AsyncGenerator<z.output<S>, void, undefined> {
    if (path === METHODS.subscribeSingleInvoice.path) this.singles += 1;
    const said = path === METHODS.subscribeInvoices.path ? this.told : [];
    for (const one of said) yield one as never;
    if (signal.aborted) return;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }

  override call<S extends z.ZodType>(_method: Method<S>, request: Fields): Promise<z.output<S>> {
    const hash = Buffer.from(request['r_hash'] as Uint8Array).toString('hex');
    return Promise.resolve(invoice({ r_hash: hash, state: 'CANCELED' }) as never);
  }
}

interface Seen {
  readonly observed: Observation | undefined;
  readonly indexes: StreamIndexes | undefined;
}

const stopping: AbortController[] = [];
afterEach(() => stopping.splice(0).forEach((one) => one.abort()));

function observing(lnd: Scripted, own: readonly string[], open: readonly string[] = []): Seen[] {
  const seen: Seen[] = [];
  const stop = new AbortController();
  stopping.push(stop);
  const observer = new LndObserver({
    ...{ lnd, onTrouble: () => undefined },
    own: {
      isOwn: (hash) => Promise.resolve(own.includes(hash)),
      openInvoices: () => Promise.resolve(open),
      openPayments: () => Promise.resolve([]),
    },
    store: {
      indexes: () => Promise.resolve({ add: 0n, settle: 0n }),
      record: (observed, indexes) => {
        seen.push({ observed, indexes });
        return Promise.resolve();
      },
    },
  });
  void observer.run(stop.signal);
  return seen;
}

test.each<[string, Partial<LndInvoice>]>([
  ['an invoice of others', { r_hash: hashOf(9) }],
  ['keysend, also with a hash of ours', { is_keysend: true }],
  ['AMP, also with a hash of ours', { is_amp: true }],
])('%s reaches nobody, and the indexes pass it', async (_, over) => {
  const seen = observing(new Scripted([invoice(over), invoice({ add_index: 5n })]), [hashOf(1)]);
  await waitUntil('both', () => seen.length === 2);
  expect(seen[0]).toEqual({ observed: undefined, indexes: { add: 4n, settle: 3n } });
  expect(seen[1]?.observed).toMatchObject({ hash: hashOf(1), state: 'settled' });
  expect(seen[1]?.indexes).toEqual({ add: 5n, settle: 3n });
});

test('no more than 5,000 invoices have streams; those beyond are looked up', async () => {
  const open = Array.from({ length: 5_003 }, (_, n) => hashOf(n + 1));
  const lnd = new Scripted();
  const seen = observing(lnd, open, open);
  await waitUntil('all to be looked up', () => seen.length === open.length);
  expect(lnd.singles).toBe(5_000);
  expect(seen.at(-1)?.observed).toMatchObject({ hash: hashOf(5_003), state: 'canceled' });
});

import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import {
  LightningError,
  type CreateInvoice,
  type Invoice,
  type NodeEvent,
  type SendPayment,
} from '../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../domain/money.js';
import {
  type SimulatorForTests,
  type SimulatorForTestsOptions,
  startSimulator,
} from '../../../support/lightning.js';
import { migratedDatabase } from '../../../support/empty-database.js';

export interface Fixture {
  readonly databaseUrl: string;
  /** The one running now. */
  sim: SimulatorForTests;
  /** Ends it and starts another on its data, at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const SATS = (sats: number) => toMsat(BigInt(sats) * 1000n);

/** A node on a database of its own, and the wallet `alice` with 10,000 sat. */
export async function nodeFixture(
  options: Omit<SimulatorForTestsOptions, 'databaseUrl'> = {},
): Promise<Fixture> {
  const database = await migratedDatabase();
  const start = (port = 0) => startSimulator({ ...options, databaseUrl: database.url, port });
  const fixture: Fixture = {
    databaseUrl: database.url,
    sim: await start(),
    restart: async () => {
      const { port } = fixture.sim;
      await fixture.sim.stop();
      fixture.sim = await start(port);
    },
    close: async () => {
      await fixture.sim.stop();
      await database.drop();
    },
  };
  await fixture.sim.wallets.open('alice', SATS(10_000));
  return fixture;
}

/** A payment of an invoice with limits that a usual route keeps. */
export function sending(
  { bolt11, hash }: Pick<Invoice, 'bolt11' | 'hash'>,
  more: Partial<SendPayment> = {},
): SendPayment {
  return { bolt11, expectedHash: hash, maxFeeMsat: SATS(10), giveUpSeconds: 30, ...more };
}

export function newSecret(): { readonly preimage: string; readonly hash: string } {
  const preimage = randomBytes(32);
  const hash = createHash('sha256').update(preimage).digest('hex');
  return { preimage: preimage.toString('hex'), hash };
}

export function ordinary({ sim }: Fixture, more: Partial<CreateInvoice> = {}): Promise<Invoice> {
  return sim.node.createInvoice({
    kind: 'ordinary',
    amountMsat: SATS(100),
    expirySeconds: 600,
    memo: 'a test',
    ...more,
  });
}

export async function hold(
  fixture: Fixture,
  more: Partial<CreateInvoice> = {},
): Promise<{ readonly invoice: Invoice; readonly preimage: string; readonly hash: string }> {
  const { preimage, hash } = newSecret();
  const invoice = await ordinary(fixture, { kind: 'hold', hash, ...more });
  return { invoice, preimage, hash };
}

export async function held(
  fixture: Fixture,
): Promise<{ readonly preimage: string; readonly hash: string }> {
  const { invoice, preimage, hash } = await hold(fixture);
  await fixture.sim.wallets.pay('alice', invoice.bolt11);
  return { preimage, hash };
}

/** The kind and code of the error. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LightningError);
  if (!(error instanceof LightningError)) return 'no LightningError';
  return error.kind === 'refused' ? `refused ${error.code}` : error.kind;
}

/** The next `count` events after a cursor. */
export async function nextEvents(
  { sim }: Fixture,
  count: number,
  after = 0n,
): Promise<NodeEvent[]> {
  const enough = new AbortController();
  const events: NodeEvent[] = [];
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(10_000)]);
  for await (const event of sim.node.subscribe(after, signal)) {
    if (events.push(event) === count) enough.abort();
  }
  return events;
}

export async function stateOf({ sim }: Fixture, hash: string): Promise<string | undefined> {
  return (await sim.node.lookupInvoice(hash))?.state;
}

export async function balanceOf({ sim }: Fixture, wallet = 'alice'): Promise<bigint> {
  return (await sim.wallets.find(wallet)).balanceMsat;
}

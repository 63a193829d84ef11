import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../../../db/pool.js';
import { LightningError } from '../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../domain/money.js';
import { DEFAULT_SETTINGS } from '../../../../simulators/lightning/settings.js';
import { SimulatedNode } from '../../../../simulators/lightning/simulated-node.js';
import { SimulatedWallets } from '../../../../simulators/lightning/simulated-wallets.js';
import { recount } from '../../../../simulators/lightning/store/books.js';
import { migratedDatabase } from '../../../support/empty-database.js';
import {
  createInvoices,
  expected,
  type ModelInvoice,
  perform,
  type Step,
  walletOf,
  WALLETS,
  type World,
} from './model.helper.js';

let pool: Pool;
let world: World;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await migratedDatabase();
  drop = database.drop;
  pool = createPool({
    connectionString: database.url,
    max: 8,
    applicationName: 'test',
    onError: () => undefined,
  });
  const node = await SimulatedNode.open(pool, DEFAULT_SETTINGS);
  const wallets = new SimulatedWallets(node.state, DEFAULT_SETTINGS);
  for (const name of WALLETS) await wallets.open({ name, balanceMsat: toMsat(10_000_000_000n) });
  world = { pool, node, wallets };
});
afterAll(async () => {
  await pool.end();
  await drop();
});

const kinds = fc.array(fc.constantFrom('ordinary' as const, 'hold' as const), {
  minLength: 3,
  maxLength: 3,
});
const steps = fc.array(
  fc.record<Step>({
    what: fc.constantFrom('pay', 'pay', 'settle', 'cancel', 'expire', 'time_out'),
    invoice: fc.nat({ max: 2 }),
    wallet: fc.nat({ max: 1 }),
    percent: fc.constantFrom(50, 100, 100, 150, 200, 201),
  }),
  { minLength: 1, maxLength: 25 },
);

function pick(invoices: readonly ModelInvoice[], step: Step): ModelInvoice {
  const invoice = invoices[step.invoice];
  if (invoice === undefined) throw new Error('a step on no invoice');
  return invoice;
}

async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof LightningError) return error.code;
    throw error;
  }
}

/** The states of an invoice in the events after a cursor. */
async function statesOf(after: bigint, { hash }: ModelInvoice): Promise<string> {
  const events = await world.node.eventsAfter(after, 1000);
  return events.flatMap((event) => (event.hash === hash ? [event.state] : [])).join(' ');
}

async function cursorNow(): Promise<bigint> {
  const events = await world.node.eventsAfter(0n, 100_000);
  return events.at(-1)?.cursor ?? 0n;
}

test('after any steps, states equal those of the model and no money is lost', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, steps, async (kindsOfRun, stepsOfRun) => {
      const invoices = await createInvoices(world, kindsOfRun);
      for (const step of stepsOfRun) {
        const invoice = pick(invoices, step);
        const wanted = expected(step, invoice);
        const refused = await refusalOf(perform(world, step, invoice));
        expect(refused).toBe(typeof wanted === 'object' ? wanted.refused : undefined);
        if (typeof wanted !== 'object') {
          if (step.what === 'pay' && invoice.state === 'open') invoice.payer = walletOf(step);
          invoice.state = wanted;
        }
        const found = await world.node.lookupInvoice(invoice.hash);
        expect(found?.state).toBe(invoice.state);
      }
      expect(await recount(pool)).toMatchObject({ conserved: true });
    }),
    { numRuns: 25 },
  );
});

/** Every legal sequence of states of an invoice. */
const LEGAL = ['', 'settled', 'canceled', 'held', 'held settled', 'held canceled'];

test('when all steps run at once, each invoice has a legal sequence of states and no money is lost', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, steps, async (kindsOfRun, stepsOfRun) => {
      const after = await cursorNow();
      const invoices = await createInvoices(world, kindsOfRun);
      await Promise.all(
        stepsOfRun.map((step) => refusalOf(perform(world, step, pick(invoices, step)))),
      );
      for (const invoice of invoices) {
        const way = await statesOf(after, invoice);
        expect(LEGAL).toContain(way);
        const found = await world.node.lookupInvoice(invoice.hash);
        expect(found?.state).toBe(way === '' ? 'open' : way.split(' ').at(-1));
      }
      expect(await recount(pool)).toMatchObject({ conserved: true });
    }),
    { numRuns: 25 },
  );
});

test('a subscriber misses nothing while others write', async () => {
  const start = await cursorNow();
  const invoices = await createInvoices(
    world,
    Array.from({ length: 40 }, () => 'ordinary'),
  );
  const writing = Promise.all(
    invoices.map(({ bolt11 }) => world.wallets.pay({ wallet: 'alice', bolt11 })),
  );
  let written = false;
  void writing.then(() => (written = true));
  const seen: bigint[] = [];
  const isOver = (): boolean => written;
  for (let last = false; !last;) {
    last = isOver();
    const events = await world.node.eventsAfter(seen.at(-1) ?? start, 1000);
    seen.push(...events.map(({ cursor }) => cursor));
  }
  await writing;
  expect(seen).toEqual(invoices.map((_, index) => start + BigInt(index + 1)));
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokenRules } from '../support/books.js';
import { waitUntilIdle } from '../support/health.js';
import { Books } from './lightning/books.js';
import { fillIncoming, fillOutgoing, savers } from './lightning/slots.js';
import { type OnLnd, startOnLnd } from './lightning/start.js';

/** More than a channel takes. */
const AT_ONCE = Number(process.env['SOAK_AT_ONCE'] ?? 500);
/** HTLCs of a channel and direction, by the protocol. */
const SLOTS = 483;
const IDLE_MS = 150_000;

let on: OnLnd;
let books: Books;
beforeAll(async () => {
  on = await startOnLnd(3_600);
  books = await Books.open(on.system, on.network);
});
afterAll(() => on.stop());

const say = (what: string, figures: object): void =>
  void process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`);

/** No rule is broken, nothing is open, and both sides agree to the msat. */
async function expectBooks(): Promise<void> {
  await waitUntilIdle(on.system, IDLE_MS);
  expect(await books.differences()).toEqual([]);
  expect(await brokenRules(on.system.pool)).toEqual([]);
}

it(`${AT_ONCE} payments are held at once in a channel: what it has no slot for fails at the payer, who can pay the same invoice later`, async () => {
  const found = await fillIncoming(on.system, on.network, AT_ONCE);
  say(`${AT_ONCE} held at once`, found);
  expect(found.held).toBeGreaterThan(0);
  expect(found.held).toBeLessThanOrEqual(SLOTS);
  expect(found.ends).toBe(`${found.held} PAID, ${AT_ONCE - found.held} PENDING_HELD`);
  expect(found.again).toBe(`${AT_ONCE - found.held} PAID`);
  await expectBooks();
});

it(`${AT_ONCE} withdrawals are held at once by their payees: what the channel has no slot for has failed, and is given back`, async () => {
  const found = await fillOutgoing(on.system, on.network, AT_ONCE);
  say(`${AT_ONCE} withdrawals at once`, found);
  expect(found.held).toBeGreaterThan(0);
  expect(found.held).toBeLessThanOrEqual(SLOTS);
  const failed = AT_ONCE - found.held;
  expect(found.ends.split(', ').sort()).toEqual([`${failed} FAILED`, `${found.held} PAID`].sort());
  expect(found.again).toBe(`${failed} PAID`);
  await expectBooks();
  const { has, should } = await savers(on.system);
  expect(has).toBe(should);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OnLnd, startOnLnd } from './lightning/start.js';
import { manyStreams } from './lightning/streams.js';

/** More than the watcher follows by a stream each. */
const STREAMS = Number(process.env['SOAK_STREAMS'] ?? 5_200);

let on: OnLnd;
beforeAll(async () => void (on = await startOnLnd(3_600)));
afterAll(() => on.stop());

const say = (what: string, figures: object): void =>
  void process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`);

it(`${STREAMS} open hold invoices: each is seen held and canceled, those beyond 5,000 streams by the reconcile`, async () => {
  const found = await manyStreams(on.system.pool, on.network, STREAMS);
  say(`${STREAMS} streams of single invoices`, found);
  expect(found.streams).toBe(Math.min(STREAMS, 5_000));
  expect(found.held).toBe(STREAMS > 5_000 ? 50 : 40);
  expect(found.canceled).toBe(STREAMS);
  // Each is looked up once, one after the other: half a minute where nothing else runs.
  expect(found.openedSeconds).toBeLessThan(200);
  // One pause of the reconcile, and all its look-ups.
  expect(found.heldBeyondSeconds).toBeLessThan(120);
  expect(found.oursMiB).toBeLessThan(500);
  expect(found.lndMiB).toBeLessThan(1_000);
});

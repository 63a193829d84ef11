import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventFaults } from '../../../../adapters/lightning/simulator-client/faults.js';
import { type Fixture, nextEvents, nodeFixture, ordinary, stateOf } from './fixture.helper.js';

let fixture: Fixture;
beforeEach(async () => void (fixture = await nodeFixture()));
afterEach(() => fixture.close());

/** Pays `count` invoices one after another and gives their hashes. */
async function pay(count: number): Promise<string[]> {
  const hashes: string[] = [];
  for (let paid = 0; paid < count; paid += 1) {
    const { bolt11, hash } = await ordinary(fixture);
    await fixture.sim.wallets.pay('alice', bolt11);
    hashes.push(hash);
  }
  return hashes;
}

const switchOn = (events: EventFaults, seed = 1) => fixture.sim.control.setFaults({ seed, events });

const cursors = async (count: number) =>
  (await nextEvents(fixture, count)).map(({ cursor }) => Number(cursor));

test('without faults each event arrives once and in order, without gaps', async () => {
  const hashes = await pay(5);
  const events = await nextEvents(fixture, 5);
  expect(events.map(({ hash }) => hash)).toEqual(hashes);
  expect(events.map(({ cursor }) => cursor)).toEqual([1n, 2n, 3n, 4n, 5n]);
  expect(await nextEvents(fixture, 2, 3n)).toEqual(events.slice(3));
});

test('dropped events are left out of the stream, and a look-up shows the real state', async () => {
  const hashes = await pay(12);
  await switchOn({ drop: 0.5 });
  const stop = new AbortController();
  const seen: string[] = [];
  setTimeout(() => stop.abort(), 1500);
  for await (const { hash } of fixture.sim.node.subscribe(0n, stop.signal)) seen.push(hash);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.length).toBeLessThan(12);
  expect(seen).toEqual(hashes.filter((hash) => seen.includes(hash)));
  for (const hash of hashes) expect(await stateOf(fixture, hash)).toBe('settled');
  await fixture.sim.control.clearFaults();
  expect(await cursors(12)).toHaveLength(12);
});

test('doubled events arrive twice with one cursor', async () => {
  await pay(2);
  await switchOn({ double: 1 });
  expect(await cursors(4)).toEqual([1, 1, 2, 2]);
});

test('reordered events change places with the next', async () => {
  await pay(4);
  await switchOn({ reorder: 1 });
  expect(await cursors(4)).toEqual([2, 1, 4, 3]);
});

test('a single reordered event arrives after a while', async () => {
  await pay(1);
  await switchOn({ reorder: 1 });
  expect(await cursors(1)).toEqual([1]);
});

test('repeated events arrive again with another cursor', async () => {
  await switchOn({ repeat: 1 });
  const [hash] = await pay(1);
  expect(await nextEvents(fixture, 2)).toMatchObject([
    { cursor: 1n, hash, state: 'settled' },
    { cursor: 2n, hash, state: 'settled' },
  ]);
});

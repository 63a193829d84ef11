import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../../../support/wait-until.js';
import {
  balanceOf,
  errorOf,
  type Fixture,
  held,
  hold,
  nextEvents,
  nodeFixture,
  ordinary,
  SATS,
  stateOf,
} from './fixture.helper.js';

let fixture: Fixture;
beforeEach(async () => void (fixture = await nodeFixture({ holdTimeoutSeconds: 1 })));
afterEach(async () => {
  expect(await fixture.sim.control.recount()).toMatchObject({ conserved: true });
  await fixture.close();
});

const canceled = (hash: string) =>
  waitUntil('the cancellation', async () => (await stateOf(fixture, hash)) === 'canceled');

test('an unpaid invoice is canceled when it expires, and cannot be paid then', async () => {
  const { hash, bolt11, expiresAt } = await ordinary(fixture, { expirySeconds: 1 });
  const [event] = await nextEvents(fixture, 1);
  expect(event).toMatchObject({ type: 'invoice', hash, state: 'canceled', receivedMsat: 0n });
  expect(event?.at.getTime()).toBeGreaterThanOrEqual(expiresAt.getTime());
  expect(await stateOf(fixture, hash)).toBe('canceled');
  expect(await errorOf(fixture.sim.wallets.pay('alice', bolt11))).toBe('refused already_canceled');
});

test('a held payment is canceled at its own timeout, whatever the expiry', async () => {
  const before = await balanceOf(fixture);
  const { preimage, hash } = await held(fixture);
  await canceled(hash);
  expect(await balanceOf(fixture)).toBe(before);
  expect(await errorOf(fixture.sim.node.settleInvoice(preimage))).toBe('refused already_canceled');
});

test('what expired while the node was down is canceled at the next start', async () => {
  const { hash } = await ordinary(fixture, { expirySeconds: 1 });
  const parked = await held(fixture);
  await fixture.restart();
  await canceled(hash);
  await canceled(parked.hash);
});

test('a restart loses nothing', async () => {
  const settled = await held(fixture);
  await fixture.sim.node.settleInvoice(settled.preimage);
  const info = await fixture.sim.node.info();
  const open = await hold(fixture);
  const books = await fixture.sim.control.recount();
  const events = await nextEvents(fixture, 2);

  await fixture.restart();

  expect(await fixture.sim.node.info()).toEqual(info);
  expect(await fixture.sim.node.lookupInvoice(open.hash)).toEqual({
    ...open.invoice,
    node: undefined,
  });
  expect(await stateOf(fixture, settled.hash)).toBe('settled');
  expect(await fixture.sim.control.recount()).toEqual(books);
  expect(await nextEvents(fixture, 2)).toEqual(events);
  // An invoice that was held before the restart is settled after it.
  await fixture.sim.wallets.pay('alice', open.invoice.bolt11);
  await fixture.restart();
  await fixture.sim.node.settleInvoice(open.preimage);
  expect(await balanceOf(fixture)).toBe(SATS(9_800));
});

test('a subscription survives a restart of the node', async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const listening = (async () => {
    for await (const { hash, state } of fixture.sim.node.subscribe(0n, stop.signal)) {
      seen.push(`${hash} ${state}`);
    }
  })();
  const pay = async () => {
    const { bolt11, hash } = await ordinary(fixture);
    await fixture.sim.wallets.pay('alice', bolt11);
    return `${hash} settled`;
  };
  const expected = [await pay()];
  await waitUntil('the first event', () => seen.length === 1);
  await fixture.restart();
  expected.push(await pay(), await pay());
  await waitUntil('the events after the restart', () => seen.length === 3);
  stop.abort();
  await listening;
  expect(seen).toEqual(expected);
});

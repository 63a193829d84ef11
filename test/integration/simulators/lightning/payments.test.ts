import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toMsat } from '../../../../domain/money.js';
import type { Outcome } from '../../../../adapters/lightning/simulator-client/wallet-protocol.js';
import {
  balanceOf,
  errorOf,
  type Fixture,
  hold,
  newSecret,
  nextEvents,
  nodeFixture,
  ordinary,
  SATS,
} from './fixture.helper.js';

let fixture: Fixture;
beforeAll(async () => void (fixture = await nodeFixture()));
afterEach(async () => {
  expect(await fixture.sim.control.recount()).toMatchObject({ conserved: true });
});
afterAll(() => fixture.close());

/** lnd's default for a forward: 1 sat and a millionth. */
const FEE = toMsat(1000n + 7_000_000n / 1_000_000n);
const ENOUGH = SATS(10);

const mint = (outcome: Outcome = 'succeed', preimage = newSecret().preimage) =>
  fixture.sim.wallets.createInvoice(
    'alice',
    { amountMsat: SATS(7000), expirySeconds: 600, memo: 'pay me', preimage },
    outcome,
  );

const lastCursor = async () => (await fixture.sim.node.info()).lastCursor;

describe('the node pays a wallet', () => {
  test('once, however often it is called', async () => {
    const before = await balanceOf(fixture);
    const after = await lastCursor();
    const { preimage, hash } = newSecret();
    const { bolt11 } = await mint('succeed', preimage);
    const request = { bolt11, maxFeeMsat: ENOUGH };
    const calls = [1, 2, 3].map(() => fixture.sim.node.pay(request));
    const succeeded = { hash, state: 'succeeded', amountMsat: SATS(7000), feeMsat: FEE, preimage };
    expect(await Promise.all(calls)).toEqual([succeeded, succeeded, succeeded]);
    expect(await fixture.sim.node.lookupPayment(hash)).toEqual(succeeded);
    expect(await balanceOf(fixture)).toBe(before + SATS(7000));
    expect(await lastCursor()).toBe(after + 1n);
    expect(await nextEvents(fixture, 1, after)).toMatchObject([
      { type: 'payment', hash, state: 'succeeded', feeMsat: FEE, preimage },
    ]);
    expect(await fixture.sim.wallets.findInvoice('alice', hash)).toMatchObject({
      state: 'settled',
    });
  });

  test('and reports a failure; a failed payment stays failed', async () => {
    const before = await balanceOf(fixture);
    const after = await lastCursor();
    const { bolt11, hash } = await mint('fail');
    const failed = await fixture.sim.node.pay({ bolt11, maxFeeMsat: ENOUGH });
    expect(failed).toMatchObject({
      state: 'failed',
      feeMsat: 0n,
      failure: 'rejected by the destination',
    });
    await fixture.sim.wallets.decide('alice', hash, 'succeed');
    expect(await fixture.sim.node.pay({ bolt11, maxFeeMsat: ENOUGH })).toEqual(failed);
    expect(await balanceOf(fixture)).toBe(before);
    expect(await nextEvents(fixture, 1, after)).toMatchObject([
      { type: 'payment', hash, state: 'failed', feeMsat: 0n, failure: failed.failure },
    ]);
  });

  test.each(['succeed', 'fail'] as const)(
    'and waits for a hanging payment: %s',
    async (outcome) => {
      const before = await balanceOf(fixture);
      const { bolt11, hash } = await mint('hang');
      const pending = await fixture.sim.node.pay({ bolt11, maxFeeMsat: ENOUGH });
      expect(pending).toMatchObject({ state: 'in_flight' });
      expect(await fixture.sim.node.pay({ bolt11, maxFeeMsat: ENOUGH })).toEqual(pending);
      await fixture.restart();
      expect(await fixture.sim.node.lookupPayment(hash)).toEqual(pending);
      await fixture.sim.wallets.decide('alice', hash, outcome);
      const done = await fixture.sim.node.lookupPayment(hash);
      expect(done?.state).toBe(outcome === 'succeed' ? 'succeeded' : 'failed');
      const gained = outcome === 'succeed' ? SATS(7000) : 0n;
      expect(await balanceOf(fixture)).toBe(before + gained);
    },
  );

  test('and is paid for it by another wallet, with the same hash', async () => {
    await fixture.sim.wallets.open('carol', SATS(10_000));
    const { preimage, hash } = newSecret();
    const inner = await mint('succeed', preimage);
    const outer = await hold(fixture, { hash, amountMsat: SATS(7100) });
    await fixture.sim.wallets.pay('carol', outer.invoice.bolt11);
    const paid = await fixture.sim.node.pay({ bolt11: inner.bolt11, maxFeeMsat: ENOUGH });
    await fixture.sim.node.settleInvoice(paid.preimage ?? '');
    expect(await balanceOf(fixture, 'carol')).toBe(SATS(2900));
  });
});

describe('the node does not pay', () => {
  test('a fee above the maximum', async () => {
    const { bolt11 } = await mint();
    const payment = await fixture.sim.node.pay({ bolt11, maxFeeMsat: toMsat(FEE - 1n) });
    expect(payment).toMatchObject({ state: 'failed', feeMsat: 0n });
  });

  test('itself', async () => {
    const { bolt11 } = await ordinary(fixture);
    expect(await errorOf(fixture.sim.node.pay({ bolt11, maxFeeMsat: ENOUGH }))).toBe(
      'refused invoice_unpayable',
    );
  });

  test('an invoice without a route', async () => {
    const other = await nodeFixture();
    const { bolt11, hash } = await ordinary(other);
    await other.close();
    const payment = await fixture.sim.node.pay({ bolt11, maxFeeMsat: ENOUGH });
    expect(payment).toMatchObject({ hash, state: 'failed' });
  });

  test('more than its balance', async () => {
    const { bolt11, hash } = await fixture.sim.wallets.createInvoice('alice', {
      amountMsat: SATS(2_000_000_000),
      expirySeconds: 60,
      memo: 'too much',
    });
    expect(await errorOf(fixture.sim.node.pay({ bolt11, maxFeeMsat: SATS(10_000) }))).toBe(
      'refused insufficient_balance',
    );
    expect(await fixture.sim.node.lookupPayment(hash)).toBeUndefined();
  });
});

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
  sending,
} from './fixture.helper.js';

let fixture: Fixture;
beforeAll(async () => void (fixture = await nodeFixture()));
afterEach(async () => {
  expect(await fixture.sim.control.recount()).toMatchObject({ conserved: true });
});
afterAll(() => fixture.close());

/** lnd's default for a forward: 1 sat and a millionth. */
const FEE = toMsat(1000n + 7_000_000n / 1_000_000n);

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
    const request = sending(await mint('succeed', preimage));
    const calls = [1, 2, 3].map(() => fixture.sim.node.sendPayment(request));
    const answers = await Promise.allSettled(calls);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await errorOf(fixture.sim.node.sendPayment(request))).toBe('refused already_exists');
    expect(await fixture.sim.node.lookupPayment(hash)).toMatchObject({
      ...{ hash, state: 'succeeded', amountMsat: SATS(7000), feeMsat: FEE, preimage },
    });
    expect(await balanceOf(fixture)).toBe(before + SATS(7000));
    expect(await lastCursor()).toBe(after + 1n);
    expect(await nextEvents(fixture, 1, after)).toMatchObject([
      { type: 'payment', hash, state: 'succeeded', feeMsat: FEE, preimage },
    ]);
    expect(await fixture.sim.wallets.findInvoice('alice', hash)).toMatchObject({
      state: 'settled',
    });
  });

  test('and reports a failure', async () => {
    const before = await balanceOf(fixture);
    const after = await lastCursor();
    const invoice = await mint('fail');
    const { hash } = invoice;
    const failed = await fixture.sim.node.sendPayment(sending(invoice));
    expect(failed).toMatchObject({ state: 'failed', feeMsat: 0n, failure: 'rejected' });
    expect(await balanceOf(fixture)).toBe(before);
    expect(await nextEvents(fixture, 1, after)).toMatchObject([
      { type: 'payment', hash, state: 'failed', feeMsat: 0n, failure: 'rejected' },
    ]);
  });

  test.each(['succeed', 'fail'] as const)(
    'and waits for a hanging payment: %s',
    async (outcome) => {
      const before = await balanceOf(fixture);
      const invoice = await mint('hang');
      const { hash } = invoice;
      const pending = await fixture.sim.node.sendPayment(sending(invoice));
      expect(pending).toMatchObject({ state: 'in_flight' });
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
    const paid = await fixture.sim.node.sendPayment(sending(inner));
    await fixture.sim.node.settleInvoice(paid.preimage ?? '');
    expect(await balanceOf(fixture, 'carol')).toBe(SATS(2900));
  });
});

describe('the node does not pay', () => {
  test('a fee above the maximum', async () => {
    const limits = { maxFeeMsat: toMsat(FEE - 1n) };
    const payment = await fixture.sim.node.sendPayment(sending(await mint(), limits));
    expect(payment).toMatchObject({ state: 'failed', feeMsat: 0n, failure: 'no_route' });
  });

  test('itself', async () => {
    const own = sending(await ordinary(fixture));
    expect(await errorOf(fixture.sim.node.sendPayment(own))).toBe('refused self_payment');
  });

  test('an invoice without a route', async () => {
    const other = await nodeFixture();
    const invoice = await ordinary(other);
    await other.close();
    const payment = await fixture.sim.node.sendPayment(sending(invoice));
    expect(payment).toMatchObject({ hash: invoice.hash, state: 'failed', failure: 'no_route' });
  });

  test('more than its balance', async () => {
    const invoice = await fixture.sim.wallets.createInvoice('alice', {
      amountMsat: SATS(2_000_000_000),
      expirySeconds: 60,
      memo: 'too much',
    });
    const request = sending(invoice, { maxFeeMsat: SATS(10_000) });
    const payment = await fixture.sim.node.sendPayment(request);
    expect(payment).toMatchObject({ state: 'failed', failure: 'insufficient' });
  });
});

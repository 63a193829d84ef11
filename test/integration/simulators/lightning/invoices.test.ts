import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { encodeInvoice } from '../../../../simulators/lightning/bolt11.js';
import {
  balanceOf,
  errorOf,
  type Fixture,
  held,
  hold,
  newSecret,
  nextEvents,
  nodeFixture,
  ordinary,
  SATS,
  stateOf,
} from './fixture.helper.js';

let fixture: Fixture;
beforeAll(async () => void (fixture = await nodeFixture()));
afterEach(async () => {
  expect(await fixture.sim.control.recount()).toMatchObject({ conserved: true });
});
afterAll(() => fixture.close());

const lastCursor = async () => (await fixture.sim.node.info()).lastCursor;

test('an invoice of somebody else is decoded, whenever it expires', async () => {
  for (const [timestamp, expirySeconds] of [
    [2 ** 35 - 1, 253_402_300_799],
    [1, Number.MAX_SAFE_INTEGER - 1],
  ] as const) {
    const fields = { network: 'bcrt', description: '', features: [8, 14, 17] };
    const hash = '07'.repeat(32);
    const bolt11 = encodeInvoice(
      { ...fields, hash, paymentSecret: hash, timestamp, expirySeconds },
      Buffer.alloc(32, 7),
    );
    const { expiresAt } = await fixture.sim.node.decode(bolt11);
    expect(expiresAt.toISOString()).toBe('9999-12-31T23:59:59.000Z');
  }
});

describe('an ordinary invoice', () => {
  test('settles when it is paid', async () => {
    const before = await balanceOf(fixture);
    const after = await lastCursor();
    const { preimage, hash } = newSecret();
    const invoice = await ordinary(fixture, { preimage });
    expect(invoice).toMatchObject({ hash, state: 'open', receivedMsat: 0n });
    const paid = await fixture.sim.wallets.pay('alice', invoice.bolt11);
    expect(paid).toMatchObject({
      hash,
      state: 'succeeded',
      amountMsat: SATS(100),
      feeMsat: 0n,
      preimage,
    });
    const settled = { state: 'settled', receivedMsat: SATS(100) };
    // Which node made it is told once.
    expect(await fixture.sim.node.lookupInvoice(hash)).toEqual({
      ...{ ...invoice, ...settled },
      node: undefined,
    });
    expect(await balanceOf(fixture)).toBe(before - SATS(100));
    expect(await nextEvents(fixture, 1, after)).toMatchObject([
      { type: 'invoice', hash, state: 'settled', receivedMsat: SATS(100) },
    ]);
  });

  test('is signed for regtest and decodes to the request', async () => {
    const invoice = await ordinary(fixture, { memo: 'ナンセンス 1杯', expirySeconds: 90 });
    expect(invoice.bolt11).toMatch(/^lnbcrt1u1/);
    expect(await fixture.sim.node.decode(invoice.bolt11)).toEqual({
      hash: invoice.hash,
      amountMsat: SATS(100),
      payee: (await fixture.sim.node.info()).publicKey,
      memo: 'ナンセンス 1杯',
      expiresAt: new Date(Math.floor(invoice.createdAt.getTime() / 1000) * 1000 + 90_000),
      ...{ minFinalCltv: 80, features: [8, 14, 17], hintNodes: [] },
    });
  });

  test('creates a preimage when none is given', async () => {
    const [one, two] = [await ordinary(fixture), await ordinary(fixture)];
    expect(one.hash).not.toBe(two.hash);
  });

  test('accepts any amount from its own on', async () => {
    const pay = async (sats: number) => {
      const { bolt11, hash } = await ordinary(fixture);
      await fixture.sim.wallets.pay('alice', bolt11, SATS(sats));
      return (await fixture.sim.node.lookupInvoice(hash))?.receivedMsat;
    };
    expect(await pay(200)).toBe(SATS(200));
    expect(await errorOf(pay(99))).toBe('refused invoice_unpayable');
    expect(await pay(900)).toBe(SATS(900));
  });
});

describe('a hold invoice', () => {
  test('holds the payment until it is settled', async () => {
    const before = await balanceOf(fixture);
    const after = await lastCursor();
    const { invoice, preimage, hash } = await hold(fixture);
    const pending = await fixture.sim.wallets.pay('alice', invoice.bolt11);
    expect(pending).toMatchObject({ hash, state: 'in_flight' });
    expect(await stateOf(fixture, hash)).toBe('held');
    expect(await fixture.sim.control.recount()).toMatchObject({ inFlightMsat: SATS(100) });

    await fixture.sim.node.settleInvoice(preimage);
    expect(await stateOf(fixture, hash)).toBe('settled');
    expect(await fixture.sim.wallets.findPayment('alice', hash)).toMatchObject({
      state: 'succeeded',
      preimage,
    });
    expect(await balanceOf(fixture)).toBe(before - SATS(100));
    const states = (await nextEvents(fixture, 2, after)).map(({ state }) => state);
    expect(states).toEqual(['held', 'settled']);
  });

  test('returns the payment when it is canceled', async () => {
    const before = await balanceOf(fixture);
    const after = await lastCursor();
    const { hash } = await held(fixture);
    await fixture.sim.node.cancelInvoice(hash);
    expect(await fixture.sim.node.lookupInvoice(hash)).toMatchObject({
      state: 'canceled',
      receivedMsat: 0n,
    });
    expect(await fixture.sim.wallets.findPayment('alice', hash)).toMatchObject({ state: 'failed' });
    expect(await balanceOf(fixture)).toBe(before);
    expect(await nextEvents(fixture, 2, after)).toMatchObject([
      { state: 'held', receivedMsat: SATS(100) },
      { state: 'canceled', receivedMsat: 0n },
    ]);
  });

  test('is settled twice and canceled twice without an error or another event', async () => {
    const one = await held(fixture);
    const two = await held(fixture);
    await fixture.sim.node.settleInvoice(one.preimage);
    await fixture.sim.node.cancelInvoice(two.hash);
    const after = await lastCursor();
    await fixture.sim.node.settleInvoice(one.preimage);
    await fixture.sim.node.cancelInvoice(two.hash);
    expect(await lastCursor()).toBe(after);
  });

  test('cannot be settled after canceling, or canceled after settling', async () => {
    const { node } = fixture.sim;
    const settled = await held(fixture);
    await node.settleInvoice(settled.preimage);
    expect(await errorOf(node.cancelInvoice(settled.hash))).toBe('refused already_settled');
    const canceled = await held(fixture);
    await node.cancelInvoice(canceled.hash);
    expect(await errorOf(node.settleInvoice(canceled.preimage))).toBe('refused already_canceled');
  });

  test('ends once when many calls settle and cancel it at the same time', async () => {
    const { node } = fixture.sim;
    const { preimage, hash } = await held(fixture);
    const after = await lastCursor();
    await Promise.allSettled(
      [1, 2, 3, 4, 5].flatMap(() => [node.settleInvoice(preimage), node.cancelInvoice(hash)]),
    );
    expect(await lastCursor()).toBe(after + 1n);
    expect(['settled', 'canceled']).toContain(await stateOf(fixture, hash));
  });
});

describe('the node refuses', () => {
  test('a hash that exists, even of a canceled invoice', async () => {
    const { hash } = await hold(fixture);
    expect(await errorOf(hold(fixture, { hash }))).toBe('refused duplicate_hash');
    await fixture.sim.node.cancelInvoice(hash);
    expect(await errorOf(hold(fixture, { hash }))).toBe('refused duplicate_hash');
    const { preimage } = newSecret();
    await ordinary(fixture, { preimage });
    expect(await errorOf(ordinary(fixture, { preimage }))).toBe('refused duplicate_hash');
  });

  test('to settle an invoice that is not held or not its own', async () => {
    const { preimage } = await hold(fixture);
    expect(await errorOf(fixture.sim.node.settleInvoice(preimage))).toBe('refused not_held');
    const stranger = newSecret();
    expect(await errorOf(fixture.sim.node.settleInvoice(stranger.preimage))).toBe(
      'refused unknown_preimage',
    );
  });

  test('to cancel an unknown invoice; a look-up gives nothing', async () => {
    const { hash } = newSecret();
    expect(await errorOf(fixture.sim.node.cancelInvoice(hash))).toBe('refused unknown_hash');
    expect(await fixture.sim.node.lookupInvoice(hash)).toBeUndefined();
  });

  test.each([
    ['a hold invoice without a hash', { kind: 'hold' as const }],
    ['a hold invoice with a preimage', { kind: 'hold' as const, ...newSecret() }],
    ['an ordinary invoice with a hash', { hash: newSecret().hash }],
    ['no amount', { amountMsat: SATS(0) }],
    ['an expiry of 0', { expirySeconds: 0 }],
    ['a fraction of a second', { expirySeconds: 1.5 }],
    ['a memo of more than 639 bytes', { memo: 'ä'.repeat(320) }],
  ])('%s', async (_, wrong) => {
    expect(await errorOf(ordinary(fixture, wrong))).toBe('refused bad_request');
  });

  test('to decode text that is not an invoice', async () => {
    expect(await errorOf(fixture.sim.node.decode('lnbcrt1nothing'))).toBe('refused bad_request');
  });
});

describe('a wallet is refused', () => {
  const pay = (bolt11: string, wallet = 'alice') =>
    errorOf(fixture.sim.wallets.pay(wallet, bolt11));

  test('a payment above its balance', async () => {
    const { bolt11 } = await ordinary(fixture, { amountMsat: SATS(1_000_000) });
    expect(await pay(bolt11)).toBe('refused insufficient_balance');
  });

  test('an invoice that another wallet paid or holds; its own payment is returned again', async () => {
    await fixture.sim.wallets.open('bob', SATS(1000));
    const paid = await ordinary(fixture);
    const first = await fixture.sim.wallets.pay('alice', paid.bolt11);
    expect(await fixture.sim.wallets.pay('alice', paid.bolt11)).toEqual(first);
    expect(await pay(paid.bolt11, 'bob')).toBe('refused already_settled');
    const { invoice } = await hold(fixture);
    await fixture.sim.wallets.pay('alice', invoice.bolt11);
    expect(await pay(invoice.bolt11, 'bob')).toBe('refused invoice_unpayable');
  });

  test('a canceled invoice', async () => {
    const { bolt11, hash } = await ordinary(fixture);
    await fixture.sim.node.cancelInvoice(hash);
    expect(await pay(bolt11)).toBe('refused already_canceled');
  });

  test('when the wallet does not exist', async () => {
    const { bolt11 } = await ordinary(fixture);
    expect(await pay(bolt11, 'nobody')).toBe('refused bad_request');
  });
});

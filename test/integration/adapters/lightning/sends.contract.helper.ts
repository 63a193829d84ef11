import { describe, expect, test } from 'vitest';
import { toMsat } from '../../../../domain/money.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  endOf,
  errorOf,
  heldInvoice,
  holdInvoice,
  journalOf,
  type Lacks,
  newSecret,
  NOTHING_LACKS,
  SATS,
  sending,
  sendToEnd,
  stateAtPayer,
  untilSendable,
  type World,
} from './world.helper.js';

/** What the payer adds to the payee's delta. */
const PADDING = 3;
const MINTED = { amountMsat: SATS(7000) };

/** What the port says of outgoing payments, a test for each row of what lnd does. */
export function sendContract(world: () => World, lacks: Lacks = NOTHING_LACKS): void {
  describe('a payment', () => {
    test('succeeds once: its hash is refused afterwards, and while it is in flight', async () => {
      const { node } = world();
      const invoice = await world().mint({ ...MINTED, outcome: 'hang' });
      const pending = await node.sendPayment(sending(invoice));
      expect(pending).toMatchObject({ hash: invoice.hash, state: 'in_flight' });
      expect(pending.expiryHeight).toBeGreaterThan((await node.info()).blockHeight);
      expect(await errorOf(node.sendPayment(sending(invoice)))).toBe('already_exists');
      await world().decide(invoice.hash, 'succeed');
      expect(await endOf(node, invoice.hash)).toMatchObject({
        ...{ state: 'succeeded', index: pending.index, amountMsat: SATS(7000) },
        preimage: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      });
      expect(await errorOf(node.sendPayment(sending(invoice)))).toBe('already_exists');
      expect(await world().receivedByPayee(invoice.hash)).toBe(SATS(7000));
    });

    test('that failed is begun again by another send, with a higher index', async () => {
      const invoice = await world().mint({ ...MINTED, outcome: 'fail' });
      const failed = await sendToEnd(world(), sending(invoice));
      expect(failed).toMatchObject({ state: 'failed', feeMsat: 0n, failure: 'rejected' });
      await journalOf(world(), invoice.hash, 1);
      await world().decide(invoice.hash, 'succeed');
      const again = await sendToEnd(world(), sending(invoice));
      expect(again.state).toBe('succeeded');
      expect(again.index).toBeGreaterThan(failed.index);
      const states = (await journalOf(world(), invoice.hash, 2)).map(({ state }) => state);
      expect(states).toEqual(['failed', 'succeeded']);
    });

    test('without funds is recorded as failed, and not refused', async () => {
      const { sendableMsat } = await world().node.balance();
      const invoice = await world().mint({ amountMsat: toMsat(sendableMsat + 1n) });
      const limits = { maxFeeMsat: sendableMsat };
      const payment = await sendToEnd(world(), sending(invoice, limits));
      expect(payment).toMatchObject({ state: 'failed', failure: 'insufficient' });
      expect(await world().node.lookupPayment(invoice.hash)).toEqual(payment);
    });

    test('costs what was estimated, and fails below', async () => {
      const { node } = world();
      const invoice = await world().mint(MINTED);
      const { feeMsat } = (await node.estimateRoute({ bolt11: invoice.bolt11 })) ?? {
        feeMsat: SATS(0),
      };
      const tooLittle = sending(invoice, { maxFeeMsat: toMsat(feeMsat - 1n) });
      const failed = await sendToEnd(world(), tooLittle);
      expect(failed).toMatchObject({ state: 'failed', failure: 'no_route' });
      const before = (await node.balance()).sendableMsat;
      const paid = await sendToEnd(world(), sending(invoice, { maxFeeMsat: feeMsat }));
      expect(paid).toMatchObject({ state: 'succeeded', feeMsat });
      await untilSendable(world(), before - SATS(7000) - feeMsat);
    });
  });

  limitContract(world, lacks);
  refusalContract(world);
}

function limitContract(world: () => World, lacks: Lacks): void {
  test('the height limit is kept to the block', async () => {
    const { node } = world();
    const invoice = await world().mint({ ...MINTED, outcome: 'hang' });
    const { minFinalCltv } = await node.decode(invoice.bolt11);
    const { blockHeight } = await node.info();
    const least = blockHeight + minFinalCltv + PADDING + 1;
    const refused = sending(invoice, { maxExpiryHeight: least - 1 });
    expect(await errorOf(node.sendPayment(refused))).toBe('height_limit_too_low');
    expect(await node.lookupPayment(invoice.hash)).toBeUndefined();
    const { expiryHeight } = (await node.estimateRoute({ bolt11: invoice.bolt11 })) ?? {
      expiryHeight: 0,
    };
    const below = sending(invoice, { maxExpiryHeight: expiryHeight - 1 });
    expect(await sendToEnd(world(), below)).toMatchObject({ state: 'failed', failure: 'no_route' });
    const enough = sending(invoice, { maxExpiryHeight: expiryHeight });
    expect(await node.sendPayment(enough)).toMatchObject({ state: 'in_flight', expiryHeight });
    // A real payee gives up before.
    if (lacks.has('hang_until_expiry')) {
      await world().decide(invoice.hash, 'fail');
      return;
    }
    await world().mine(expiryHeight - blockHeight - 1);
    expect(await node.lookupPayment(invoice.hash)).toMatchObject({ state: 'in_flight' });
    await world().mine(1);
    expect(await node.lookupPayment(invoice.hash)).toMatchObject({ state: 'failed' });
  });

  test('an amount is given where the invoice names none, and only there', async () => {
    const { node } = world();
    const any = await world().mint({ amountMsat: SATS(0) });
    expect(await errorOf(node.sendPayment(sending(any)))).toBe('bad_request');
    const named = await world().mint(MINTED);
    const twice = sending(named, { amountMsat: SATS(7000) });
    expect(await errorOf(node.sendPayment(twice))).toBe('bad_request');
    await sendToEnd(world(), sending(any, { amountMsat: SATS(5) }));
    expect(await world().receivedByPayee(any.hash)).toBe(SATS(5));
  });
}

function refusalContract(world: () => World): void {
  test('another hash than the expected one is refused, and nothing is sent', async () => {
    const invoice = await world().mint(MINTED);
    const mixed = { ...sending(invoice), expectedHash: newSecret().hash };
    expect(await errorOf(world().node.sendPayment(mixed))).toBe('hash_mismatch');
    expect(await world().node.lookupPayment(invoice.hash)).toBeUndefined();
  });

  test('the node does not pay itself', async () => {
    const { invoice } = await holdInvoice(world());
    expect(await errorOf(world().node.sendPayment(sending(invoice)))).toBe('self_payment');
  });

  test('an expired invoice is refused, whatever was recorded for it', async () => {
    const { node } = world();
    const invoice = await world().mint({ ...MINTED, outcome: 'fail', expirySeconds: 2 });
    await sendToEnd(world(), sending(invoice));
    await world().decide(invoice.hash, 'succeed');
    const { expiresAt } = await node.decode(invoice.bolt11);
    await waitUntil('the expiry', () => Date.now() > expiresAt.getTime());
    expect(await errorOf(node.sendPayment(sending(invoice)))).toBe('invoice_expired');
    expect(await node.lookupPayment(invoice.hash)).toMatchObject({ state: 'failed' });
  });

  test('a wallet mints for the node to pay, and a wrapped payment moves the money on', async () => {
    const { node, wallets, wallet } = world();
    const request = { amountMsat: SATS(50), expirySeconds: 600, memo: 'to be wrapped' };
    const { bolt11 } = await wallets.mint(wallet, request);
    const { hash, amountMsat, memo } = await node.decode(bolt11);
    expect({ amountMsat, memo }).toEqual({ amountMsat: SATS(50), memo: 'to be wrapped' });
    // The wrap has the hash of what it wraps.
    const outer = await heldInvoice(world(), { hash, amountMsat: SATS(60), minFinalCltv: 300 });
    const held = (await node.lookupInvoice(outer.hash))?.held;
    const limits = { maxFeeMsat: SATS(10), maxExpiryHeight: (held?.expiryHeight ?? 0) - 80 };
    const paid = await sendToEnd(world(), sending({ bolt11, hash }, limits));
    await node.settleInvoice(paid.preimage ?? '');
    await stateAtPayer(world(), hash, 'succeeded');
    expect(await world().receivedByPayee(hash)).toBe(SATS(50));
  });
}

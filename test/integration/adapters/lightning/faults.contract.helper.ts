import { describe, expect, test } from 'vitest';
import { LightningError, type LightningPort } from '../../../../adapters/lightning/port.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  endOf,
  errorOf,
  heldInvoice,
  holdInvoice,
  invoiceIn,
  type Lacks,
  NOTHING_LACKS,
  SATS,
  sending,
  sendToEnd,
  untilSendable,
  type World,
} from './world.helper.js';

const MINTED = { amountMsat: SATS(7000) };

/** What a caller may and may not conclude from a lost, late or doubled call. */
export function faultContract(world: () => World, lacks: Lacks = NOTHING_LACKS): void {
  describe('an answer that is lost', () => {
    test('leaves the outcome of a mutation unknown, and it has happened', async () => {
      const { node } = world();
      const { hash, preimage } = await heldInvoice(world());
      await world().fault('settleInvoice', 'lose');
      expect(await errorOf(node.settleInvoice(preimage))).toBe('unknown');
      await invoiceIn(world(), hash, 'settled');
      const invoice = await world().mint(MINTED);
      await world().fault('sendPayment', 'lose');
      expect(await errorOf(node.sendPayment(sending(invoice)))).toBe('unknown');
      expect(await endOf(node, invoice.hash)).toMatchObject({ state: 'succeeded' });
    });

    test('of a creation is found by its hash', async () => {
      await world().fault('createInvoice', 'lose');
      expect(await errorOf(holdInvoice(world()))).toBe('unknown');
    });
  });

  describe('a send that is late', () => {
    test('is not found before: that proves nothing', async () => {
      const { node } = world();
      const invoice = await world().mint(MINTED);
      await world().fault('sendPayment', 'park');
      expect(await errorOf(node.sendPayment(sending(invoice)))).toBe('unknown');
      expect(await node.lookupPayment(invoice.hash)).toBeUndefined();
      await world().release();
      await paid(node, invoice.hash);
    });

    test('pays after another send of the hash has failed', async () => {
      const { node } = world();
      const invoice = await world().mint({ ...MINTED, outcome: 'fail' });
      await world().fault('sendPayment', 'park');
      expect(await errorOf(node.sendPayment(sending(invoice)))).toBe('unknown');
      expect(await sendToEnd(world(), sending(invoice))).toMatchObject({ state: 'failed' });
      await world().decide(invoice.hash, 'succeed');
      await world().release();
      await paid(node, invoice.hash);
    });

    test('pays nothing once its invoice has expired', async () => {
      const { node } = world();
      const invoice = await world().mint({ ...MINTED, expirySeconds: 1 });
      await world().fault('sendPayment', 'park');
      expect(await errorOf(node.sendPayment(sending(invoice)))).toBe('unknown');
      const { expiresAt } = await node.decode(invoice.bolt11);
      await waitUntil('the expiry', () => Date.now() > expiresAt.getTime());
      await world().release();
      expect(await node.lookupPayment(invoice.hash)).toBeUndefined();
    });
  });

  test('a send that is doubled on its way pays once', async () => {
    const { node } = world();
    const invoice = await world().mint(MINTED);
    const before = (await node.balance()).sendableMsat;
    await world().fault('sendPayment', 'double');
    expect(await errorOf(node.sendPayment(sending(invoice)))).toBe('already_exists');
    const { feeMsat } = await endOf(node, invoice.hash);
    await untilSendable(world(), before - SATS(7000) - feeMsat);
  });

  const whenForgetting = lacks.has('forget') ? test.skip : test;
  whenForgetting(
    'a payment that the node has deleted is not found, and cannot be paid again',
    async () => {
      const { node } = world();
      const invoice = await world().mint(MINTED);
      await node.sendPayment(sending(invoice));
      await world().forget(invoice.hash);
      expect(await node.lookupPayment(invoice.hash)).toBeUndefined();
      const again = await node.sendPayment(sending(invoice));
      expect(again).toMatchObject({ state: 'failed', failure: 'rejected' });
      expect(await world().receivedByPayee(invoice.hash)).toBe(SATS(7000));
    },
  );

  const whenLocking = lacks.has('lock') ? test.skip : test;
  whenLocking('a locked node is unavailable with an alarm, and refuses nothing', async () => {
    const { node } = world();
    const invoice = await world().mint(MINTED);
    await world().lock();
    const calls = [
      () => node.sendPayment(sending(invoice)),
      () => node.lookupPayment(invoice.hash),
      () => node.cancelInvoice(invoice.hash),
    ];
    for (const call of calls) {
      const error: unknown = await call().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(LightningError);
      expect(error).toMatchObject({ kind: 'unavailable', alarm: 'locked' });
    }
    await world().heal();
    expect(await node.lookupPayment(invoice.hash)).toBeUndefined();
  });
}

/** Waits until the payment, which may have failed before, has succeeded. */
function paid(node: LightningPort, hash: string): Promise<true> {
  return waitUntil('the payment', async () =>
    (await node.lookupPayment(hash))?.state === 'succeeded' ? true : undefined,
  );
}

import { describe, expect, test } from 'vitest';
import { waitUntil } from '../../../../support/wait-until.js';
import { Paying } from './paying.helper.js';
import type { Stand } from './stand.helper.js';

/** lnd dies where it hurts most (the watcher's part of it is in watching.bugs), and a payee that refuses. */
export function killedLnd(stand: () => Stand): void {
  const paying = (): Paying => new Paying(stand());

  async function killAndStart(): Promise<void> {
    const { alice } = stand().network;
    await alice.server.kill();
    await alice.server.start();
    await stand().network.reconnect();
  }

  describe('lnd that is killed', () => {
    test('while a payment to a payee is in flight: what pays for it is kept until the payee has decided', async () => {
      const at = stand();
      const zap = await paying().wrappedZap('hang');
      await paying().hold(zap);
      expect(await at.call('settle_invoice', zap.hash)).toMatchObject({ kind: 'unknown' });
      await killAndStart();
      expect(await at.paymentAtAlice(zap.hash)).toBe('in_flight');
      expect(await at.heldAtAlice(zap.hash)).toBe('ACCEPTED');
      expect(await paying().state(zap)).toBe('FORWARDING');
      await at.payee.decide(zap.hash, 'succeed');
      await paying().driveUntil(zap, 'PAID');
      expect(await at.sends(zap.hash)).toHaveLength(1);
      expect(await at.payee.received(zap.hash)).toBe(700_000n);
    });

    test('between a settle and its answer: it is found settled, and booked once', async () => {
      const at = stand();
      const { zap, settling } = await paying().settledUnanswered();
      await killAndStart();
      expect(await settling).toMatchObject({ kind: 'unknown' });
      at.proxy.heal();
      await paying().driveUntil(zap, 'PAID');
      await waitUntil('the payer', async () => (await at.stateAtPayer(zap.hash)) === 'succeeded');
      const settled = `transitions where subject = $1 and to_state = 'PAID'`;
      expect(await at.fixture.count(settled, [`${zap.id}/1`])).toBe(1);
    });
  });

  test('a payee that refuses: what would have paid for it is given back', async () => {
    const at = stand();
    const zap = await paying().wrappedZap('fail');
    await paying().hold(zap);
    await at.call('settle_invoice', zap.hash);
    await paying().driveUntil(zap, 'FAILED');
    await waitUntil('the payer', async () => (await at.stateAtPayer(zap.hash)) === 'failed');
    expect(await at.payee.received(zap.hash)).toBe(0n);
  });
}

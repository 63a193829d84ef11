import { describe, expect, test } from 'vitest';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import { Paying, type Withdrawal } from './paying.helper.js';
import type { Stand } from './stand.helper.js';

const AMOUNT = 7_000_000n;

/** A network between us and lnd that loses, delays and cuts: no hash is paid twice, and nothing is given back too early. */
export function networkFaults(stand: () => Stand): void {
  const paying = (): Paying => new Paying(stand());

  /** Carol has it once, alice has sent it once, and the account has paid for it once. */
  async function expectPaidOnce(withdrawal: Withdrawal): Promise<void> {
    const at = stand();
    await at.callUntil('send_payment', withdrawal.hash);
    expect(await paying().state(withdrawal)).toBe('PAID');
    expect(await at.payee.received(withdrawal.hash)).toBe(AMOUNT);
    const { rows } = await at.fixture.pool.query<{ fee: bigint }>(
      'select fee_msat as fee from payments where hash = $1',
      [withdrawal.hash],
    );
    expect(await paying().sats(withdrawal.account)).toBe(
      10_000_000n - AMOUNT - (rows[0]?.fee ?? 0n),
    );
  }

  describe('a network that', () => {
    test('loses the answer of a send: it is looked up, and not sent again', async () => {
      const withdrawal = await paying().withdrawal('succeed');
      expect(await paying().sendUnanswered(withdrawal.hash)).toMatchObject({ kind: 'unknown' });
      await expectPaidOnce(withdrawal);
      expect(await stand().sends(withdrawal.hash)).toHaveLength(1);
    });

    test('delivers a send twice, the second after it was paid: it is paid once', async () => {
      const at = stand();
      const withdrawal = await paying().withdrawal('succeed');
      await paying().sendLate(withdrawal.hash);
      await expectPaidOnce(withdrawal);
      const before = await at.sendable();
      await at.proxy.deliver();
      // It is refused: lnd answers the look-up of afterwards after it.
      expect(await at.paymentAtAlice(withdrawal.hash)).toBe('succeeded');
      expect(await at.payee.received(withdrawal.hash)).toBe(AMOUNT);
      expect(await at.sendable()).toBe(before);
    });

    test('delivers a send after its invoice has expired: nothing is paid', async () => {
      const at = stand();
      const withdrawal = await paying().withdrawal('succeed', 2);
      await paying().sendLate(withdrawal.hash);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await at.proxy.deliver();
      expect(await at.call('send_payment', withdrawal.hash)).toMatchObject({ kind: 'unknown' });
      expect(await at.sends(withdrawal.hash)).toEqual([null, 'invoice_expired']);
      // A minute after the node has refused it as expired it is given back; not before.
      expect(await paying().state(withdrawal)).toBe('WITHDRAWING');
      await at.fixture.pool.query(
        `alter table sends disable trigger sends_fixed;
         update sends set answered_at = answered_at - interval '60 seconds' where hash = '${withdrawal.hash}' and answer is not null;
         alter table sends enable trigger sends_fixed;
         alter table payments disable trigger payments_fixed;
         update payments set expires_at = expires_at - interval '60 seconds' where hash = '${withdrawal.hash}';
         alter table payments enable trigger payments_fixed`,
      );
      await at.callUntil('send_payment', withdrawal.hash);
      expect(await paying().state(withdrawal)).toBe('FAILED');
      expect(await paying().sats(withdrawal.account)).toBe(10_000_000n);
      expect(await at.payee.received(withdrawal.hash)).toBe(0n);
    });

    test('cuts in mid-call: a settled invoice is found settled, a payment is found paid', async () => {
      const at = stand();
      const { zap, settling } = await paying().settledUnanswered();
      at.proxy.cut();
      expect(await settling).toMatchObject({ kind: 'unknown' });
      expect(await at.call('settle_invoice', zap.hash)).toMatchObject({ kind: 'unavailable' });
      at.proxy.heal();
      await at.callUntil('settle_invoice', zap.hash);
      expect(await paying().state(zap)).toBe('PAID');
    });

    test('stands and passes nothing: calls end in their time, and nothing is concluded', async () => {
      const at = stand();
      const withdrawal = await paying().withdrawal('succeed');
      await at.node.info();
      at.proxy.set('half_open');
      const began = Date.now();
      // The node is asked who it is before it is told to pay.
      const failed = await at.call('send_payment', withdrawal.hash);
      expect(failed).toMatchObject({ kind: 'unavailable' });
      expect(Date.now() - began).toBeLessThan(5_000);
      expect(await paying().state(withdrawal)).toBe('WITHDRAWING');
      at.proxy.heal();
      await expectPaidOnce(withdrawal);
    });

    test('loses the answer of a forward: what pays for it is kept, and settled when the payee has it', async () => {
      const at = stand();
      const zap = await paying().wrappedZap('succeed');
      await paying().hold(zap);
      at.channel.before(METHODS.sendPayment, () => at.proxy.set('lose_answers'));
      expect(await at.call('settle_invoice', zap.hash)).toMatchObject({ kind: 'unknown' });
      expect(await paying().state(zap)).toBe('FORWARDING');
      at.proxy.heal();
      await at.callUntil('send_payment', zap.hash);
      await paying().driveUntil(zap, 'PAID');
      expect(await at.payee.received(zap.hash)).toBe(700_000n);
      expect(await at.sends(zap.hash)).toHaveLength(1);
    });
  });
}

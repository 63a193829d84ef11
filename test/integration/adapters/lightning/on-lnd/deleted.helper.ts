import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { methodsOf } from '../../../../../adapters/lightning/lnd/codec.js';
import { NO_JOURNAL } from '../../../../../adapters/lightning/lnd/journal.js';
import { LndNode } from '../../../../../adapters/lightning/lnd/lnd-node.js';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import type { PaymentHash } from '../../../../../adapters/lightning/port.js';
import { decidePayment } from '../../../../../engine/operator/decide-payment.js';
import type { Finding } from '../../../../../services/cli/doctor/check.js';
import { checkLnd } from '../../../../../services/cli/doctor/checks/lnd.js';
import { inTimeChecks } from '../../../../../services/cli/doctor/checks/in-time.js';
import {
  AT_REST_GRACE_SECONDS,
  inSnapshot,
  runChecks,
} from '../../../../../services/cli/doctor/run-checks.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { Paying, type Withdrawal } from './paying.helper.js';
import type { Observing, Stand } from './stand.helper.js';

/** Field numbers: lnd v0.21.2-beta. */
const method = methodsOf(`
syntax = "proto3";
message DeletePaymentRequest { bytes payment_hash = 1; }
message DeleteAllPaymentsRequest { bool failed_payments_only = 1; bool failed_htlcs_only = 2; bool all_payments = 3; }
message Deleted { string status = 1; }
`);
const answer = z.object({ status: z.string() });
const DELETE = {
  one: method('/lnrpc.Lightning/DeletePayment', 'DeletePaymentRequest', 'Deleted', answer),
  all: method('/lnrpc.Lightning/DeleteAllPayments', 'DeleteAllPaymentsRequest', 'Deleted', answer),
};

const AMOUNT = 7_000_000n;
const SETTINGS = { outboxKeepHours: 24, graceSeconds: AT_REST_GRACE_SECONDS };

/** Somebody with a macaroon that permits too much deletes payments at lnd. Nothing that comes after it may need what it deletes. */
export function deletedPayments(stand: () => Stand, watching: { observing: Observing }): void {
  const paying = (): Paying => new Paying(stand());

  async function deleteOne(hash: PaymentHash): Promise<void> {
    const { channel } = stand().network.alice;
    await channel.call(DELETE.one, { payment_hash: Buffer.from(hash, 'hex') });
    expect(await stand().paymentAtAlice(hash)).toBeUndefined();
  }
  const deleteAll = (): Promise<unknown> =>
    stand().network.alice.channel.call(DELETE.all, { all_payments: true });

  /** Paid at lnd; its answer is lost. */
  async function paidUnanswered(): Promise<Withdrawal> {
    const withdrawal = await paying().withdrawal('succeed');
    expect(await paying().sendUnanswered(withdrawal.hash)).toMatchObject({ kind: 'unknown' });
    await waitUntil('lnd to pay', async () => {
      return (await stand().paymentAtAlice(withdrawal.hash)) === 'succeeded';
    });
    return withdrawal;
  }

  /** Neither sent again nor given back, however often it is asked; the doctor says what to do. */
  async function expectAlarm(withdrawal: Withdrawal, sends: (string | null)[]): Promise<void> {
    const at = stand();
    const { hash, id, account } = withdrawal;
    const reserved = await paying().sats(account);
    for (let n = 0; n < 3; n += 1) {
      expect(await at.call('send_payment', hash)).toMatchObject({ kind: 'unknown' });
    }
    expect(await at.sends(hash)).toEqual(sends);
    expect(await paying().state(withdrawal)).toBe('WITHDRAWING');
    expect(await paying().sats(account)).toBe(reserved);
    const told = (await inTime()).find(
      ({ check }) => check === 'the node knows every payment that it had begun',
    );
    const shown = told?.ids.find((line) => line.startsWith(hash));
    expect(shown).toContain(`quittance action decide ${id}`);
  }

  const inTime = (): Promise<Finding[]> =>
    inSnapshot(stand().fixture.pool, (tx) => runChecks(tx, inTimeChecks, SETTINGS));

  /** By the preimage, which the payee has, or the payment at its node. */
  async function decidePaid({ id, hash }: Withdrawal): Promise<void> {
    const at = stand();
    const request = { r_hash: Buffer.from(hash, 'hex') };
    const invoice = await at.network.carol.channel.call(METHODS.lookupInvoice, request);
    await decidePayment(at.fixture.engine, id, { preimage: invoice.r_preimage });
    expect(await paying().state({ id })).toBe('PAID');
    expect(await at.payee.received(hash)).toBe(AMOUNT);
  }

  describe('payments that are deleted at lnd', () => {
    test('while in flight: lnd keeps them, and they end once', async () => {
      const at = stand();
      const withdrawal = await paying().withdrawal('hang');
      const { hash } = withdrawal;
      expect(await at.call('send_payment', hash)).toMatchObject({ kind: 'unknown' });
      await expect(deleteOne(hash)).rejects.toThrow('lnd: ');
      await deleteAll().catch(() => undefined);
      expect(await at.paymentAtAlice(hash)).toBe('in_flight');
      await at.payee.decide(hash, 'succeed');
      await at.callUntil('send_payment', hash);
      expect(await paying().state(withdrawal)).toBe('PAID');
      expect(await at.sends(hash)).toHaveLength(1);
    });

    test('paid, and seen by the watcher before: it counts, and nothing is sent again', async () => {
      const at = stand();
      const withdrawal = await paidUnanswered();
      await at.journaled(withdrawal.hash, 'succeeded');
      await deleteOne(withdrawal.hash);
      await at.callUntil('send_payment', withdrawal.hash);
      expect(await paying().state(withdrawal)).toBe('PAID');
      expect(await at.sends(withdrawal.hash)).toHaveLength(1);
      expect(await at.paymentAtAlice(withdrawal.hash)).toBeUndefined();
      expect(await at.payee.received(withdrawal.hash)).toBe(AMOUNT);
    });

    test('begun, paid and deleted while nobody watched: an alarm, until an operator proves what became of it', async () => {
      const at = stand();
      const withdrawal = await paying().withdrawal('hang');
      const { hash } = withdrawal;
      expect(await at.call('send_payment', hash)).toMatchObject({ kind: 'unknown' });
      await watching.observing.stop();
      await at.payee.decide(hash, 'succeed');
      await waitUntil('lnd', async () => (await at.paymentAtAlice(hash)) === 'succeeded');
      await deleteOne(hash);
      watching.observing = at.observe();
      await expectAlarm(withdrawal, ['in_flight']);
      await decidePaid(withdrawal);
    });

    test('all of them, while a send has no answer and nobody watches: it is not sent again either', async () => {
      const at = stand();
      const before = await paying().withdrawal('succeed');
      await at.callUntil('send_payment', before.hash);
      await watching.observing.stop();
      const withdrawal = await paidUnanswered();
      await deleteAll();
      expect(await at.paymentAtAlice(withdrawal.hash)).toBeUndefined();
      watching.observing = at.observe();
      await expectAlarm(withdrawal, [null]);
      await decidePaid(withdrawal);
    });

    test('are named by the doctor, with what to do', async () => {
      const at = stand();
      const { channel } = at.network.alice;
      const expected = { lightningNode: undefined, lightningNetwork: undefined };
      const node = { channel, port: new LndNode(channel, NO_JOURNAL), expected };
      const findings = await inSnapshot(at.fixture.pool, (tx) => checkLnd(tx, node, SETTINGS));
      const kept = findings.find(
        ({ check }) => check === 'lnd has kept the payments that it made for us',
      );
      expect(kept).toMatchObject({ verdict: 'warning' });
      expect(kept?.count).toBeGreaterThan(0);
      expect(kept?.note).toContain('DeletePayment');
      expect(findings.find(({ verdict }) => verdict === 'BROKEN')).toBeUndefined();
    });
  });
}

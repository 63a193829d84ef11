import { expect, test } from 'vitest';
import type { ObservationStore } from '../../../../../adapters/lightning/lnd/journal.js';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { newSecret } from '../world.helper.js';
import { Paying } from './paying.helper.js';
import type { Observing, Stand } from './stand.helper.js';

/** What others missed of what a node did while they were away, or it was, on a real lnd. */
export function watchingBugs(stand: () => Stand, watching: { observing: Observing }): void {
  const paying = (): Paying => new Paying(stand());

  test('stackernews/stacker.news#726: event n fails, n + 1 succeeds: n is still applied after a restart', async () => {
    const at = stand();
    await watching.observing.stop();
    const [n, next] = [await paying().heldZap(), await paying().heldZap()];
    const failing = at.observe((store) => failingFor(n.hash, store));
    await at.payer.pay(n.bolt11);
    await at.payer.pay(next.bolt11);
    await at.journaled(next.hash, 'held');
    for (const { hash } of [n, next]) await at.callUntil('settle_invoice', hash);
    await at.journaled(next.hash, 'settled');
    expect(await at.states(n.hash)).toEqual([]);
    await failing.stop();
    watching.observing = at.observe();
    await at.journaled(n.hash, 'settled');
    expect((await at.states(next.hash)).filter((state) => state === 'settled')).toHaveLength(1);
  });

  test('btcpayserver/btcpayserver#7176: lnd is killed while it is watched: payments are seen within 5 s, without a busy loop', async () => {
    const at = stand();
    const [open, held] = [await paying().heldZap(), await paying().heldZap()];
    await paying().hold(held);
    const before = watching.observing.troubles.length;
    const killedAt = Date.now();
    await at.network.alice.server.kill();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await at.network.alice.server.start();
    const awaySeconds = (Date.now() - killedAt) / 1000;
    await at.network.reconnect();
    const troubles = watching.observing.troubles.length - before;
    // Two streams and a reconcile each, never faster than once in 50 ms, and slower each time.
    expect(troubles).toBeLessThan(20 + 8 * awaySeconds);
    await at.payer.pay(open.bolt11);
    await at.journaled(open.hash, 'held', 5_000);
    for (const zap of [open, held]) await paying().driveUntil(zap, 'PAID');
  });

  test('MostroP2P/mostro#853: open and held invoices of before a restart are all watched', async () => {
    const at = stand();
    const zaps = [1, 2, 3, 4].map(() => paying().heldZap());
    const [pays, cancels, settles, returns] = await Promise.all(zaps);
    if (!pays || !cancels || !settles || !returns) throw new Error('too few');
    await paying().hold(settles);
    await paying().hold(returns);
    await watching.observing.stop();
    await at.network.alice.server.stop();
    await at.network.alice.server.start();
    await at.network.reconnect();
    watching.observing = at.observe();
    await at.payer.pay(pays.bolt11);
    await at.node.cancelInvoice(cancels.hash);
    await at.callUntil('settle_invoice', settles.hash);
    await at.node.cancelInvoice(returns.hash);
    await at.journaled(pays.hash, 'held');
    await at.journaled(cancels.hash, 'canceled');
    await at.journaled(settles.hash, 'settled');
    await at.journaled(returns.hash, 'canceled');
    await paying().driveUntil(pays, 'PAID');
    await paying().driveUntil(returns, 'FAILED');
  });

  test('getAlby/hub#2582: what was held, settled, canceled and paid while nobody watched is told once after the start', async () => {
    const at = stand();
    const [settled, canceled] = [await paying().heldZap(), await paying().heldZap()];
    const withdrawal = await paying().withdrawal('hang');
    await at.call('send_payment', withdrawal.hash);
    await watching.observing.stop();
    await at.payer.pay(settled.bolt11);
    await at.callUntil('settle_invoice', settled.hash);
    const caller = paying().holder(canceled);
    await cancelAction(at.fixture.engine, { actionId: canceled.id, caller });
    await at.payee.decide(withdrawal.hash, 'succeed');
    await waitUntil('the payment', async () => {
      return (await at.paymentAtAlice(withdrawal.hash)) === 'succeeded';
    });
    watching.observing = at.observe();
    for (const [{ hash }, state] of [
      [settled, 'settled'],
      [canceled, 'canceled'],
      [withdrawal, 'succeeded'],
    ] as const) {
      await at.journaled(hash, state);
      expect((await at.states(hash)).filter((one) => one === state)).toHaveLength(1);
    }
    await at.deliver();
    expect(await paying().state(withdrawal)).toBe('PAID');
  });

  test('invoices of others, keysend among them, reach nobody, and the indexes pass them', async () => {
    const at = stand();
    const { preimage, hash } = newSecret();
    const { alice, bob } = at.network;
    const foreign = await alice.channel.call(METHODS.addInvoice, {
      ...{ r_preimage: Buffer.from(preimage, 'hex'), value_msat: '5000', expiry: '600' },
    });
    await bob.channel.first(
      METHODS.sendPayment,
      { payment_request: foreign.payment_request, timeout_seconds: 10, fee_limit_msat: '1000' },
      ({ status }) => status === 'SUCCEEDED',
    );
    const keysend = await at.payer.keysend(5_000n);
    const ours = await paying().heldZap();
    await paying().hold(ours);
    await paying().driveUntil(ours, 'PAID');
    await at.journaled(ours.hash, 'settled');
    expect(await at.states(hash)).toEqual([]);
    expect(await at.states(keysend)).toEqual([]);
    const { settle } = await at.journal.over(at.fixture.pool).indexes();
    expect(settle).toBeGreaterThanOrEqual(3n);
  });
}

/** Like PostgreSQL that fails whenever this event is written. */
function failingFor(hash: string, store: ObservationStore): ObservationStore {
  return {
    indexes: () => store.indexes(),
    record: (observed, indexes) =>
      observed?.hash === hash
        ? Promise.reject(new Error('failing by a test'))
        : store.record(observed, indexes),
  };
}

import { describe, expect, test } from 'vitest';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import { LightningError } from '../../../../../adapters/lightning/port.js';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import { brokenRules } from '../../../../support/books.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { SATS, sending } from '../world.helper.js';
import { Paying, type Zap } from './paying.helper.js';
import type { Stand } from './stand.helper.js';

const AMOUNT = 7_000_000n;

/** What others got wrong with payments that leave, on a real lnd. */
export function paymentBugs(stand: () => Stand): void {
  const paying = (): Paying => new Paying(stand());

  describe('payments that leave', () => {
    test('shocknet/Lightning.Pub#1019: not found after a lost answer: no refund while the send may arrive', async () => {
      const at = stand();
      const { id, hash, account } = await paying().withdrawal('fail');
      const reserved = await paying().sats(account);
      expect(await paying().sendLate(hash)).toMatchObject({ kind: 'unknown' });
      expect(await at.paymentAtAlice(hash)).toBeUndefined();
      // Sent once more, as nothing was found: that one fails, and proves nothing of the first.
      await waitUntil('the second send to fail', async () => {
        await at.call('send_payment', hash);
        return (await at.paymentAtAlice(hash)) === 'failed';
      });
      expect(await at.call('send_payment', hash)).toBeInstanceOf(LightningError);
      expect(await paying().state({ id })).toBe('WITHDRAWING');
      expect(await paying().sats(account)).toBe(reserved);
      await at.payee.decide(hash, 'succeed');
      await at.proxy.deliver();
      await at.callUntil('send_payment', hash);
      expect(await paying().state({ id })).toBe('PAID');
      expect(await at.payee.received(hash)).toBe(AMOUNT);
      expect((await at.sends(hash))[0]).toBeNull();
    });

    test('lightningnetwork/lnd#7621: in flight past the expiry of its invoice: no refund, no second payment', async () => {
      const at = stand();
      const { id, hash, account } = await paying().withdrawal('hang', 3);
      const reserved = await paying().sats(account);
      expect(await at.call('send_payment', hash)).toMatchObject({ kind: 'unknown' });
      const { rows } = await at.fixture.pool.query<{ expires_at: Date }>(
        'select expires_at from payments where hash = $1',
        [hash],
      );
      const expiry = rows[0]?.expires_at.getTime() ?? 0;
      await waitUntil('its expiry', () => Date.now() > expiry + 1000);
      expect(await at.call('send_payment', hash)).toMatchObject({ kind: 'unknown' });
      expect(await paying().state({ id })).toBe('WITHDRAWING');
      expect(await paying().sats(account)).toBe(reserved);
      expect(await at.sends(hash)).toEqual(['in_flight']);
      await at.payee.decide(hash, 'succeed');
      await at.callUntil('send_payment', hash);
      expect(await paying().state({ id })).toBe('PAID');
      expect(await at.payee.received(hash)).toBe(AMOUNT);
    });

    test('lightningnetwork/lnd#8884: succeeded with a reason of failure: paid', async () => {
      const at = stand();
      const invoice = await at.payee.mint(SATS(50), 'hang', 600);
      const sent = await at.node.sendPayment(sending(invoice, { giveUpSeconds: 1 }));
      expect(sent.state).toBe('in_flight');
      await waitUntil('the time to give up', () => Date.now() > sent.startedAt.getTime() + 2_000);
      await at.payee.decide(invoice.hash, 'succeed');
      const request = { payment_hash: Buffer.from(invoice.hash, 'hex') };
      const raw = await waitUntil('the end of it', async () => {
        const found = await at.channel.first(METHODS.trackPayment, request);
        return found?.status === 'SUCCEEDED' ? found : undefined;
      });
      expect(raw.failure_reason).toBe('FAILURE_REASON_TIMEOUT');
      const paid = await at.node.lookupPayment(invoice.hash);
      expect(paid).toMatchObject({ state: 'succeeded', amountMsat: SATS(50) });
      expect(paid?.preimage).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  wrappedBugs(stand);
  acceptAgainstCancel(stand);
}

function wrappedBugs(stand: () => Stand): void {
  const paying = (): Paying => new Paying(stand());

  test('ExchangeUnion/xud#1580: a forward that takes too long: what pays for it is never given back', async () => {
    const at = stand();
    const zap = await paying().wrappedZap('hang');
    await paying().hold(zap);
    expect(await at.call('settle_invoice', zap.hash)).toMatchObject({ kind: 'unknown' });
    await at.fixture.passDeadline(zap.id);
    await at.fixture.advance({ actionId: zap.id, attempt: 1 });
    const caller = paying().holder(zap);
    await cancelAction(at.fixture.engine, { actionId: zap.id, caller }).catch(() => undefined);
    for (const kind of ['cancel_invoice', 'look_up_invoice', 'send_payment'] as const) {
      await at.call(kind, zap.hash);
    }
    expect(await paying().state(zap)).toBe('FORWARDING');
    expect(await at.heldAtAlice(zap.hash)).toBe('ACCEPTED');
    expect(await at.paymentAtAlice(zap.hash)).toBe('in_flight');
    await at.payee.decide(zap.hash, 'succeed');
    await at.callUntil('send_payment', zap.hash);
    await at.callUntil('settle_invoice', zap.hash);
    expect(await paying().state(zap)).toBe('PAID');
    await waitUntil('the payer', async () => (await at.stateAtPayer(zap.hash)) === 'succeeded');
    expect(await at.payee.received(zap.hash)).toBe(700_000n);
  });

  test('lightningnetwork/lnd#4587: a settle after the deadline is refused and not booked; a block before, it is paid', async () => {
    const at = stand();
    const [late, inTime] = [await paying().heldZap(), await paying().heldZap()];
    // Heights at which they expire that differ by one block.
    await paying().hold(late, 100);
    await paying().hold(inTime, 101);
    await at.network.mine(100 - LEAST_BLOCKS);
    await at.callUntil('settle_invoice', late.hash);
    await at.callUntil('settle_invoice', inTime.hash);
    await paying().driveUntil(late, 'FAILED');
    await paying().driveUntil(inTime, 'PAID');
    await waitUntil('payers', async () => (await at.stateAtPayer(late.hash)) === 'failed');
    await waitUntil('payers', async () => (await at.stateAtPayer(inTime.hash)) === 'succeeded');
    expect(await at.fixture.count(`legs where action_id = $1 and actual_msat > 0`, [late.id])).toBe(
      0,
    );
  });

  test('a payment is forwarded with exactly the blocks that it needs, and not with one less', async () => {
    const at = stand();
    const [late, inTime] = [
      await paying().wrappedZap('succeed'),
      await paying().wrappedZap('succeed'),
    ];
    const { rows } = await at.fixture.pool.query<{ delta: number }>(
      'select payee_delta as delta from payments where hash = $1',
      [late.hash],
    );
    const needed = 80 + (rows[0]?.delta ?? 0) + 3 + 1;
    await paying().hold(late, needed + 100);
    await paying().hold(inTime, needed + 101);
    await at.network.mine(101);
    for (const { hash } of [late, inTime]) await at.call('settle_invoice', hash);
    await paying().driveUntil(late, 'FAILED');
    expect(await at.sends(late.hash)).toEqual([]);
    // Enough for the payee; lnd wants more for the node between, and finds no route.
    expect(await at.sends(inTime.hash)).toHaveLength(1);
    await paying().driveUntil(inTime, 'FAILED');
    expect(await at.payee.received(inTime.hash)).toBe(0n);
  });
}

/** Of the last HTLC: lnd 0.21 gives the money back when so many are left. */
const LEAST_BLOCKS = 18;
const PAIRS = 50;
const AT_ONCE = 10;
/** As long as a payment takes on a busy machine is within nine of them. */
const LATER_MS = 150;

function acceptAgainstCancel(stand: () => Stand): void {
  test(`MostroP2P/mostro#910: of a payment and a cancellation at once one wins: ${PAIRS} pairs`, async () => {
    const at = stand();
    const paying = new Paying(at);
    const zaps: Zap[] = [];
    for (let n = 0; n < PAIRS; n += 1) zaps.push(await paying.heldZap());
    for (let n = 0; n < PAIRS; n += AT_ONCE) {
      await Promise.all(zaps.slice(n, n + AT_ONCE).map((zap, k) => race(at, paying, zap, k)));
    }
    const ends = await Promise.all(zaps.map((zap) => endOf(at, paying, zap)));
    const wins = ends.filter((end) => end === 'PAID, succeeded').length;
    process.stdout.write(`accept against cancel: ${wins} of ${PAIRS} were paid\n`);
    expect(ends.filter((end) => !CONSISTENT.has(end))).toEqual([]);
    expect(await brokenRules(at.fixture.pool)).toEqual([]);
  });
}

const CONSISTENT = new Set(['PAID, succeeded', 'FAILED, failed', 'FAILED, undefined']);

/** The cancellation comes a little later for each, so that both win some. */
async function race(at: Stand, paying: Paying, zap: Zap, n: number): Promise<void> {
  const caller = paying.holder(zap);
  const settling = at.payer.pay(zap.bolt11).then(async () => {
    await at.deliver();
    await at.fixture.drive(zap.id);
  });
  const cancelling = new Promise((resolve) => setTimeout(resolve, n * LATER_MS)).then(() =>
    cancelAction(at.fixture.engine, { actionId: zap.id, caller }),
  );
  await Promise.allSettled([settling, cancelling]);
}

async function endOf(at: Stand, paying: Paying, zap: Zap): Promise<string> {
  const state = await waitUntil('the end', async () => {
    await at.deliver();
    await at.fixture.drive(zap.id).catch(() => undefined);
    const now = await paying.state(zap);
    return now === 'PAID' || now === 'FAILED' ? now : undefined;
  });
  const payer = await waitUntil('the payer', async () => {
    const seen = await at.stateAtPayer(zap.hash);
    return seen === 'in_flight' ? undefined : `${seen}`;
  });
  return `${state}, ${payer}`;
}

import { describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import {
  errorOf,
  eventsUntil,
  heldInvoice,
  holdInvoice,
  invoiceIn,
  journalOf,
  type Lacks,
  newSecret,
  NOTHING_LACKS,
  SATS,
  stateAtPayer,
  type World,
} from './world.helper.js';

/** How many blocks before the expiry of an HTLC the node cancels by itself. */
const CANCELS_BEFORE = 18;

/** What the port says of invoices, a test for each row of what lnd does. */
export function invoiceContract(world: () => World, lacks: Lacks = NOTHING_LACKS): void {
  describe('creating an invoice', () => {
    const wrong = [
      ['an amount of 0, which would be any amount', { amountMsat: SATS(0) }],
      ['more than 365 days', { expirySeconds: 365 * 86_400 + 1 }],
      ['less than 24 blocks for the last HTLC', { minFinalCltv: 23 }],
      ['a memo of 640 bytes in 213 characters and one', { memo: '€'.repeat(213) + 'x' }],
    ] as const;
    test.each(wrong)('refuses %s', async (_, more) => {
      expect(await errorOf(holdInvoice(world(), more))).toBe('bad_request');
    });

    test('says which node has signed it', async () => {
      const { invoice } = await holdInvoice(world());
      const { publicKey: node } = await world().node.info();
      expect(invoice).toMatchObject({ node });
    });

    test('refuses a hash that exists, also of a canceled invoice', async () => {
      const { hash } = await holdInvoice(world());
      await world().node.cancelInvoice(hash);
      expect(await errorOf(holdInvoice(world(), { hash }))).toBe('duplicate_hash');
    });

    test('takes a memo of 639 bytes, and the hash of a description in its place', async () => {
      const memo = '€'.repeat(213);
      const { invoice } = await holdInvoice(world(), { memo, minFinalCltv: 24 });
      expect(await world().node.decode(invoice.bolt11)).toMatchObject({ memo, minFinalCltv: 24 });
      const descriptionHash = createHash('sha256').update(memo).digest('hex');
      const hashed = await holdInvoice(world(), { memo: '', descriptionHash });
      const decoded = await world().node.decode(hashed.invoice.bolt11);
      expect(decoded).toMatchObject({ memo: '', descriptionHash });
    });
  });

  describe('decoding', () => {
    test('gives what the node was asked for, in any spelling', async () => {
      const { invoice, hash } = await holdInvoice(world());
      const { bolt11, amountMsat } = invoice;
      const { publicKey } = await world().node.info();
      const decoded = await world().node.decode(bolt11);
      expect(decoded).toMatchObject({ hash, amountMsat, payee: publicKey, minFinalCltv: 80 });
      expect(Math.abs(decoded.expiresAt.getTime() - invoice.expiresAt.getTime())).toBeLessThan(
        1000,
      );
      for (const spelled of [bolt11.toUpperCase(), `LIGHTNING:${bolt11}`, ` ${bolt11}\n`]) {
        expect(await world().node.decode(spelled)).toEqual(decoded);
      }
      expect(await errorOf(world().node.decode(bolt11.slice(0, -1)))).toBe('bad_request');
    });

    test('gives no amount where the payer chooses it', async () => {
      const { bolt11, hash } = await world().mint({ amountMsat: SATS(0) });
      const decoded = await world().node.decode(bolt11);
      expect(decoded.hash).toBe(hash);
      expect('amountMsat' in decoded).toBe(false);
    });
  });

  describe('a hold invoice', () => {
    test('is held with the heights of its HTLC, and has none of them before and after', async () => {
      const { node } = world();
      const { invoice, hash, preimage } = await holdInvoice(world());
      expect(invoice.held).toBeUndefined();
      const { blockHeight } = await node.info();
      await world().pay(invoice.bolt11, { cltvDelta: 90 });
      const held = { acceptHeight: blockHeight, expiryHeight: blockHeight + 90 };
      expect(await invoiceIn(world(), hash, 'held')).toMatchObject({ held });
      await node.settleInvoice(preimage);
      expect((await node.lookupInvoice(hash))?.held).toBeUndefined();
    });

    test('is held when its whole set has come, with the lowest heights', async () => {
      const { node } = world();
      const { invoice, hash } = await holdInvoice(world());
      const { blockHeight } = await node.info();
      await world().pay(invoice.bolt11, { partMsat: SATS(30), cltvDelta: 100 });
      expect(await node.lookupInvoice(hash)).toMatchObject({ state: 'open', receivedMsat: 0n });
      await world().mine(2);
      await world().pay(invoice.bolt11, { partMsat: SATS(30), cltvDelta: 83 });
      await world().pay(invoice.bolt11, { cltvDelta: 200 });
      expect(await invoiceIn(world(), hash, 'held')).toMatchObject({
        receivedMsat: SATS(100),
        held: { acceptHeight: blockHeight, expiryHeight: blockHeight + 2 + 83 },
      });
      await node.cancelInvoice(hash);
    });

    const whenSetsTimeOut = lacks.has('set_timeout') ? test.skip : test;
    whenSetsTimeOut('returns a set that stays incomplete, and can be paid afterwards', async () => {
      const { invoice, hash, preimage } = await holdInvoice(world());
      await world().pay(invoice.bolt11, { partMsat: SATS(99) });
      await world().letSetTimeOut(hash);
      expect(await world().stateAtPayer(hash)).toBe('failed');
      expect(await world().node.lookupInvoice(hash)).toMatchObject({ state: 'open' });
      await world().pay(invoice.bolt11);
      await world().node.settleInvoice(preimage);
      expect(await world().stateAtPayer(hash)).toBe('succeeded');
    });

    test('accepts more than twice its amount, and not less than its amount', async () => {
      const { invoice, hash, preimage } = await holdInvoice(world());
      const less = { amountMsat: SATS(99) };
      expect(await errorOf(world().pay(invoice.bolt11, less))).toBe('invoice_unpayable');
      await world().pay(invoice.bolt11, { amountMsat: SATS(250) });
      await world().node.settleInvoice(preimage);
      expect(await invoiceIn(world(), hash, 'settled')).toMatchObject({ receivedMsat: SATS(250) });
    });

    test('refuses an HTLC with less blocks than it asks for', async () => {
      const { invoice, hash } = await holdInvoice(world(), { minFinalCltv: 40 });
      expect(await errorOf(world().pay(invoice.bolt11, { cltvDelta: 39 }))).toBe(
        'invoice_unpayable',
      );
      await world().pay(invoice.bolt11, { cltvDelta: 40 });
      expect(await world().node.lookupInvoice(hash)).toMatchObject({ state: 'held' });
    });

    test(`is canceled by the node ${CANCELS_BEFORE} blocks before its HTLC expires`, async () => {
      const { hash, preimage } = await heldInvoice(world());
      const { held } = (await world().node.lookupInvoice(hash)) ?? {};
      const { blockHeight } = await world().node.info();
      const left = (held?.expiryHeight ?? 0) - CANCELS_BEFORE - blockHeight;
      await world().mine(left - 1);
      expect(await world().node.lookupInvoice(hash)).toMatchObject({ state: 'held' });
      await world().mine(1);
      await invoiceIn(world(), hash, 'canceled');
      expect(await errorOf(world().node.settleInvoice(preimage))).toBe('already_canceled');
      await stateAtPayer(world(), hash, 'failed');
    });
  });

  settlingContract(world, lacks);
}

function settlingContract(world: () => World, lacks: Lacks): void {
  test('settle and cancel repeat, and each is refused after the other and before a payment', async () => {
    const { node } = world();
    const open = await holdInvoice(world());
    expect(await errorOf(node.settleInvoice(open.preimage))).toBe('not_held');
    const settled = await heldInvoice(world());
    await node.settleInvoice(settled.preimage);
    expect(await errorOf(node.settleInvoice(settled.preimage))).toBe('nothing');
    expect(await errorOf(node.cancelInvoice(settled.hash))).toBe('already_settled');
    const canceled = await heldInvoice(world());
    await node.cancelInvoice(canceled.hash);
    expect(await errorOf(node.cancelInvoice(canceled.hash))).toBe('nothing');
    expect(await errorOf(node.settleInvoice(canceled.preimage))).toBe('already_canceled');
    const unknown = newSecret();
    expect(await errorOf(node.settleInvoice(unknown.preimage))).toBe('unknown_preimage');
    expect(await errorOf(node.cancelInvoice(unknown.hash))).toBe('unknown_hash');
    expect(await node.lookupInvoice(unknown.hash)).toBeUndefined();
  });

  const whenForgetting = lacks.has('forget') ? test.skip : test;
  whenForgetting(
    'a node that has lost an invoice says the same as of one that never was',
    async () => {
      const { node } = world();
      const before = await node.info();
      const { hash, preimage } = await heldInvoice(world());
      await world().forget(hash);
      expect(await node.lookupInvoice(hash)).toBeUndefined();
      expect(await errorOf(node.cancelInvoice(hash))).toBe('unknown_hash');
      expect(await errorOf(node.settleInvoice(preimage))).toBe('unknown_preimage');
      // So what it says cannot be told from the truth by its key.
      expect((await node.info()).publicKey).toBe(before.publicKey);
    },
  );

  test('its states are told once and in order, by the stream and by the journal', async () => {
    const { node } = world();
    const first = await heldInvoice(world());
    const [start] = await journalOf(world(), first.hash, 1);
    await node.settleInvoice(first.preimage);
    await journalOf(world(), first.hash, 2);
    const second = await heldInvoice(world());
    await journalOf(world(), second.hash, 1);
    await node.cancelInvoice(second.hash);
    const after = (start?.cursor ?? 1n) - 1n;
    const isLast = ({ hash, state }: { hash: string; state: string }): boolean =>
      hash === second.hash && state === 'canceled';
    const events = await eventsUntil(world(), after, isLast);
    expect(events.map(({ hash, state }) => `${hash} ${state}`)).toEqual([
      `${first.hash} held`,
      `${first.hash} settled`,
      `${second.hash} held`,
      `${second.hash} canceled`,
    ]);
    expect(await node.journal(first.hash)).toEqual(events.slice(0, 2));
    expect(await eventsUntil(world(), events[1]?.cursor ?? 0n, isLast)).toEqual(events.slice(2));
  });
}

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InvoiceGateway } from '../../../../adapters/lightning/charge/port.js';
import { toMsat } from '../../../../domain/money.js';
import { ALL_REGIONS } from '../../../../domain/transmissions/regions.js';
import { applyCallback } from '../../../../engine/transmissions/apply-callback.js';
import { findNamed } from '../../../../engine/transmissions/gateway-invoices.js';
import { placeOrder } from '../../../../engine/transmissions/open-order.js';
import { CountedEngine } from '../actions/round-trips.helper.js';
import { confirm, type Fixture, orderFixture, orderOf } from './fixture.helper.js';

const gateway: InvoiceGateway = {
  name: 'charge',
  createInvoice: () =>
    Promise.resolve({ id: randomUUID(), paymentHash: undefined, bolt11: 'lnbcrt1', answer: {} }),
  registerCallback: () => Promise.resolve(),
  lookupInvoice: () => Promise.resolve('open'),
  info: () => Promise.resolve('{}'),
};

let fixture: Fixture;
let counted: CountedEngine;

beforeAll(async () => {
  fixture = await orderFixture({ gateway });
  counted = new CountedEngine(fixture.engine, fixture.url);
});
afterAll(async () => {
  await counted.close();
  await fixture.close();
});

/** Waits in series for PostgreSQL, beside the two calls to the gateway. One more is a decision. */
const OPENING_AT_MOST = 8;
/** From the callback to the commit that starts the transmission. */
const CALLBACK_AT_MOST = 12;

it('an order is opened, and its payment starts it, after few answers of the database', async () => {
  const placing = () =>
    placeOrder(counted.engine, {
      ...{ channel: 1, message: Buffer.from('x'), bidMsat: toMsat(1_000n), regions: ALL_REGIONS },
    });
  // Connections are open and statements prepared from the second time on.
  for (const round of ['first', 'second']) {
    let placed: Awaited<ReturnType<typeof placing>> | undefined;
    const opening = await counted.of(async () => (placed = await placing()));
    if (placed === undefined || 'failed' in placed) throw new Error('it was not opened');
    const { id: orderId } = placed.order;
    const { rows } = await fixture.pool.query<{ id: string }>(
      'select g.id from gateway_invoices g join invoices i on i.hash = g.hash where i.order_id = $1',
      [orderId],
    );
    const invoiceId = rows[0]?.id ?? '';
    const paying = await counted.of(async () => {
      const named = await findNamed(counted.pool, invoiceId);
      expect(named).toEqual({ maker: 'gateway', orderId });
      expect(await applyCallback(counted.engine, orderId, invoiceId)).toBe('paid');
    });
    const { state, tx_seq_num: number } = await orderOf(fixture, orderId);
    expect(state).toBe('transmitting');
    await confirm(fixture, 'tx', number ?? 0);
    if (round === 'first') continue;
    expect(opening.inSeries, JSON.stringify(opening)).toBeLessThanOrEqual(OPENING_AT_MOST);
    expect(paying.inSeries, JSON.stringify(paying)).toBeLessThanOrEqual(CALLBACK_AT_MOST);
  }
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeExpiredInvoices } from '../../../../../engine/transmissions/close-orders.js';
import { closeOrderInvoices } from '../../../../../engine/transmissions/call-node.js';
import {
  forgetOrders,
  orderOf,
  passDeadline,
  rowsOf,
} from '../../../engine/transmissions/fixture.helper.js';
import { orderToken } from '../../../../../services/api/satellite/tokens.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { expectInvariants } from '../../../engine/transmissions/invariants.helper.js';
import { type ChargedSatellite, chargedApi } from './charge.helper.js';
import { coded } from './harness.helper.js';

describe('orders whose invoices Lightning Charge makes', () => {
  let api: ChargedSatellite;
  beforeAll(async () => {
    api = await chargedApi();
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    await api.fixture.pool.query('truncate gateway_invoices');
    await forgetOrders(api.fixture);
  });

  const calls = () =>
    rowsOf<{ state: string; id: string | null }>(
      api.fixture,
      'select state, id from gateway_invoices order by call',
    );
  const expire = async (uuid: string): Promise<void> => {
    await api.fixture.pool.query(
      `update invoices set expires_at = now() - interval '1 minute' where order_id = $1`,
      [uuid],
    );
    await passDeadline(api.fixture, uuid);
    await closeOrderInvoices(api.fixture.engine, { orderId: uuid });
  };

  it('asks for it as the peer does, and shows the answer word for word', async () => {
    const opened = await api.open({ bid: '2000', message: 'hello' });
    const invoice = api.charge.invoices.at(-1);
    expect(opened.lightning_invoice).toEqual(invoice);
    expect(invoice).toMatchObject({
      msatoshi: '2000',
      description: 'BSS Test',
      metadata: {
        uuid: opened.uuid,
        sha256_message_digest: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      },
    });
    expect(api.charge.webhooks.get(invoice?.id ?? '')).toMatch(
      new RegExp(`^http://satellite.test/callback/${invoice?.id ?? ''}/[0-9a-f]{64}$`),
    );
    expect([...api.charge.authorizations]).toEqual([
      `Basic ${Buffer.from('api-token:s@cret').toString('base64')}`,
    ]);
  });

  it('is paid by the callback, once: the next GET shows it, and other copies are told', async () => {
    const opened = await api.open();
    const { id = '' } = opened.lightning_invoice;
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.callBack(opened)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    const told = answers.filter(({ statusCode }) => statusCode === 400);
    expect(told).toHaveLength(7);
    for (const answer of told) {
      expect(answer.json()).toEqual(coded(123, 'Payment problem', 'Invoice already paid'));
    }
    expect(answers.find(({ statusCode }) => statusCode === 200)?.body).toBe(
      `{"message": "invoice ${id} paid"}\n`,
    );
    expect(await orderOf(api.fixture, opened.uuid)).toMatchObject({
      state: 'transmitting',
      bid_msat: 1000n,
      unpaid_bid_msat: 0n,
    });
    await expectInvariants(api.fixture);
  });

  it('knows neither other invoices nor other tokens', async () => {
    const { lightning_invoice } = await api.open();
    const post = (url: string) => api.app.inject({ method: 'POST', url });
    const unknown = await post(`/callback/nothing/${'0'.repeat(64)}`);
    expect([unknown.statusCode, unknown.json()]).toEqual([
      404,
      coded(112, 'Not found', 'Invoice id nothing not found'),
    ]);
    const wrong = await post(`/callback/${lightning_invoice['id'] ?? ''}/${'0'.repeat(64)}`);
    expect([wrong.statusCode, wrong.json()]).toEqual([
      401,
      coded(109, 'Unauthorized', 'Invalid authentication token'),
    ]);
  });

  it.each([
    ['refuse_invoice', 110, 'Lightning Charge invoice creation error', 'refused'],
    ['lose_invoice', 110, 'Lightning Charge invoice creation error', 'asked'],
    ['refuse_webhook', 111, 'Lightning Charge webhook registration error', 'orphan'],
  ] as const)(
    'answers %s with %i, and keeps a record of the call',
    async (fault, code, text, state) => {
      api.charge.failNext(fault);
      const answer = await api.post({ bid: '1000', message: 'x' });
      expect([answer.statusCode, answer.json()]).toEqual([
        400,
        coded(code, 'Invoice Creation Error', text),
      ]);
      expect((await calls()).map((call) => call.state)).toEqual([state]);
      const [order] = await rowsOf<{ id: string; state: string }>(
        api.fixture,
        'select id, state from orders',
      );
      expect(order?.state).toBe('expired');
      // Nobody was shown it: it is over at once, and no second one is asked for.
      await closeOrderInvoices(api.fixture.engine, { orderId: order?.id ?? '' });
      expect(await rowsOf(api.fixture, 'select state from invoices')).toEqual([
        { state: 'canceled' },
      ]);
      expect(await calls()).toHaveLength(1);
      await expectInvariants(api.fixture);
    },
  );

  it.each(['cancelled', 'paid'] as const)('is %s while its invoice is being made', async (what) => {
    const held = api.charge.holdNext();
    const answer = api.post({ bid: '1000', message: 'x' });
    const { id, metadata } = await held.made;
    const { uuid } = metadata;
    if (what === 'cancelled') {
      const url = `/order/${uuid}?auth_token=${orderToken('mySecretToken', uuid)}`;
      expect((await api.app.inject({ method: 'DELETE', url })).statusCode).toBe(200);
      held.release();
      // Its invoice exists and is shown to nobody.
      expect((await answer).json()).toMatchObject({ errors: [{ code: 110 }] });
      expect((await calls()).map(({ state }) => state)).toEqual(['orphan']);
      expect(await rowsOf(api.fixture, `select from invoices where state = 'open'`)).toEqual([]);
    } else {
      held.release();
      const url = new URL((await registered(id)).replace('http://satellite.test', 'http://x'));
      const told = await api.app.inject({ method: 'POST', url: url.pathname });
      expect([200, 404]).toContain(told.statusCode);
      expect((await answer).statusCode).toBe(200);
      // Told of before it was shown, or after: it counts.
      expect((await orderOf(api.fixture, uuid)).state).toBe('transmitting');
    }
    await expectInvariants(api.fixture);
  });

  /** The callback of an invoice, as soon as it is registered. */
  const registered = (id: string): Promise<string> =>
    waitUntil('its callback is registered', () => api.charge.webhooks.get(id));

  it('tells that an orphan was paid, and pays nothing by it', async () => {
    api.charge.failNext('refuse_webhook');
    await api.post({ bid: '1000', message: 'x' });
    const { callbackToken } = await import('../../../../../adapters/lightning/charge/peer-hash.js');
    const id = api.charge.invoices.at(-1)?.id ?? '';
    const url = `/callback/${id}/${callbackToken('mySecretToken', id)}`;
    const answer = await api.app.inject({ method: 'POST', url });
    expect([answer.statusCode, answer.json()]).toEqual([
      404,
      coded(122, 'Payment problem', 'Orphaned invoice'),
    ]);
    const late = await rowsOf(
      api.fixture,
      'select from gateway_invoices where late_at is not null',
    );
    expect(late).toHaveLength(1);
  });

  it('expires with its invoice; a payment told later is refused and owed', async () => {
    const opened = await api.open();
    await expire(opened.uuid);
    expect(await orderOf(api.fixture, opened.uuid)).toMatchObject({ state: 'expired' });
    for (let copy = 0; copy < 2; copy += 1) {
      const answer = await api.callBack(opened);
      expect([answer.statusCode, answer.json()]).toEqual([
        400,
        coded(129, 'Payment problem', 'Invoice already expired'),
      ]);
    }
    expect(await rowsOf(api.fixture, 'select amount_msat, state from claims')).toEqual([
      { amount_msat: 1000n, state: 'open' },
    ]);
    await expectInvariants(api.fixture);
  });

  it('a bump that expires lowers what is unpaid, though the order is on its way', async () => {
    const opened = await api.open();
    const { uuid, auth_token } = opened;
    await api.post({ bid_increase: '500', auth_token }, `/order/${uuid}/bump`);
    await api.callBack(opened);
    expect(await orderOf(api.fixture, uuid)).toMatchObject({ unpaid_bid_msat: 500n });
    await api.fixture.pool.query(
      `update invoices set expires_at = now() - interval '1 minute' where state = 'open'`,
    );
    expect(await closeExpiredInvoices(api.fixture.engine)).toBe(1);
    expect(await orderOf(api.fixture, uuid)).toMatchObject({
      state: 'transmitting',
      unpaid_bid_msat: 0n,
    });
    await expectInvariants(api.fixture);
  });

  it('a cancelled order’s invoice may still be paid: that is answered, and owed', async () => {
    const opened = await api.open();
    const { uuid, auth_token } = opened;
    await api.app.inject({ method: 'DELETE', url: `/order/${uuid}?auth_token=${auth_token}` });
    expect((await orderOf(api.fixture, uuid)).due_at).not.toBeNull();
    expect((await api.callBack(opened)).statusCode).toBe(200);
    expect(await orderOf(api.fixture, uuid)).toMatchObject({
      state: 'cancelled',
      bid_msat: 1000n,
      due_at: null,
    });
    await expectInvariants(api.fixture);
  });

  it('takes a bump over nothing, as the peer does', async () => {
    const opened = await api.open();
    const { uuid, auth_token } = opened;
    const bump = await api.post({ bid_increase: '0', auth_token }, `/order/${uuid}/bump`);
    expect(bump.statusCode, bump.body).toBe(200);
    expect(api.charge.invoices.at(-1)?.msatoshi).toBe('0');
    expect((await api.callBack({ ...opened, ...bump.json<object>() })).statusCode).toBe(200);
    expect(await orderOf(api.fixture, uuid)).toMatchObject({ state: 'pending', bid_msat: 0n });
    expect((await api.callBack(opened)).statusCode).toBe(200);
    await expectInvariants(api.fixture);
  });

  it('shows what the gateway says of its node', async () => {
    const answer = await api.app.inject('/info');
    expect([answer.statusCode, answer.body]).toEqual([200, '{"id": "02ab", "alias": "\\u00e9"}\n']);
  });
});

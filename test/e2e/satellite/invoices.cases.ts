import { beforeAll, describe, expect, it } from 'vitest';
import { callbackToken } from '../../../adapters/lightning/charge/peer-hash.js';
import { ALL, refused, type RunningSatellite } from './running-satellite.helper.js';

/** Callbacks of the gateway, and what is said of it, as the peer's own tests look at them. */
export function invoices(running: () => RunningSatellite): void {
  describe('invoices', () => {
    let api: RunningSatellite;
    beforeAll(async () => {
      api = running();
      await api.reset();
    });
    const post = (path: string) => api.send(path, { method: 'POST' });

    it('a callback names an invoice and its token', async () => {
      expect((await post('/callback')).status).toBe(404);
      expect((await post('/callback/test_lid')).status).toBe(404);
      expect((await api.get('/callback/test_lid/test_auth_token')).status).toBe(405);
      const { lightning_invoice: invoice } = await api.open();
      const token = callbackToken('mySecretToken', invoice.id);
      await refused(post(`/callback/some_text/${token}`), 404, 112);
      await refused(post(`/callback/${invoice.id}/some_text`), 401, 109);
      expect((await post(`/callback/${invoice.id}/${token}`)).status).toBe(200);
      await refused(post(`/callback/${invoice.id}/${token}`), 400, 123);
      await api.confirmTx(1, ALL);
    });

    it('one that is shown to nobody is an orphan', async () => {
      api.charge.failNext('refuse_webhook');
      await refused(api.form('/order', { bid: '1000', message: 'x' }), 400, 111);
      const id = api.charge.invoices.at(-1)?.id ?? '';
      await refused(post(`/callback/${id}/${callbackToken('mySecretToken', id)}`), 404, 122);
    });

    it('several invoices of one order are paid one after the other', async () => {
      const busy = await api.openPaid();
      const opened = await api.open({ message: 'x'.repeat(500) });
      const bump = async (increase: string) => {
        const fields = { bid_increase: increase };
        const headers = { 'X-Auth-Token': opened.auth_token };
        const answer = await api.form(`/order/${opened.uuid}/bump`, fields, headers);
        expect(answer.status).toBe(200);
        return (answer.json() as typeof opened).lightning_invoice;
      };
      const [second, third] = [await bump('2000'), await bump('3000')];
      expect(await api.order(opened)).toMatchObject({ bid: 0, unpaid_bid: 6000 });
      await api.pay(opened);
      expect(await api.order(opened)).toMatchObject({
        status: 'paid',
        bid: 1000,
        unpaid_bid: 5000,
      });
      await api.callBack(second);
      expect(await api.order(opened)).toMatchObject({ bid: 3000, unpaid_bid: 3000 });
      // It is cancelled meanwhile: the payment is taken all the same.
      await api.delete(`/order/${opened.uuid}`, opened.auth_token);
      expect((await api.callBack(third)).status).toBe(200);
      expect(await api.order(opened)).toMatchObject({
        status: 'cancelled',
        bid: 6000,
        unpaid_bid: 0,
      });
      await refused(api.callBack(third), 400, 123);
      await api.confirmTx((await api.order(busy)).tx_seq_num, [0, 1, 2, 3, 4, 5]);
    });

    it.each(['transmitting', 'confirming', 'sent', 'received'])(
      'an invoice of an order that is %s is paid, and the order stays so',
      async (state) => {
        const opened = await api.open({ regions: '[0]' });
        const fields = { bid_increase: '500', auth_token: opened.auth_token };
        const bumped = await api.form(`/order/${opened.uuid}/bump`, fields);
        const { lightning_invoice: late } = bumped.json() as typeof opened;
        await api.pay(opened);
        const { tx_seq_num: seq } = await api.order(opened);
        if (state === 'confirming') await api.confirmTx(seq, [5]);
        if (state === 'sent' || state === 'received') await api.confirmTx(seq, [0]);
        if (state === 'received') await api.confirmRx(seq, 0);
        expect(await api.status(opened)).toBe(state);
        expect((await api.callBack(late)).status).toBe(200);
        expect(await api.order(opened)).toMatchObject({ status: state, bid: 1500, unpaid_bid: 0 });
        await api.confirmTx(seq, [0]);
      },
    );

    it('what the gateway says of its node is passed on', async () => {
      const answer = await api.get('/info');
      expect([answer.status, answer.json()]).toEqual([200, { id: '02ab', alias: 'é' }]);
      api.charge.failNext('refuse_info');
      await refused(api.get('/info'), 500, 128);
    });

    it('there is a page of the queues', async () => {
      const answer = await api.get('/queue.html');
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html']);
    });
  });
}

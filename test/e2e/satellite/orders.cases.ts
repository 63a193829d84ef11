import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { refused, refusedFields, type RunningSatellite } from './running-satellite.helper.js';

/** Orders as the peer's own tests place, read, raise and cancel them. */
export function orders(running: () => RunningSatellite): void {
  describe('orders', () => {
    let api: RunningSatellite;
    beforeAll(async () => {
      api = running();
      await api.reset();
    });

    it.each(['file', 'message'] as const)(
      'a %s is stored, with an invoice over its bid',
      async (kind) => {
        const text = 'a'.repeat(500);
        const fields = { bid: '1000' };
        const answer = await (kind === 'file'
          ? api.upload(fields, text)
          : api.form('/order', { ...fields, message: text }));
        expect([answer.status, answer.headers.get('content-type')]).toEqual([
          200,
          'application/json',
        ]);
        const opened = answer.json() as Awaited<ReturnType<typeof api.open>>;
        expect(Object.keys(opened).toSorted()).toEqual(['auth_token', 'lightning_invoice', 'uuid']);
        const { metadata, msatoshi, status, id } = opened.lightning_invoice;
        expect(metadata).toEqual({
          uuid: opened.uuid,
          sha256_message_digest: createHash('sha256').update(text).digest('hex'),
        });
        expect([Number(msatoshi), status, api.charge.webhooks.has(id)]).toEqual([
          1000,
          'unpaid',
          true,
        ]);
        expect(await api.order(opened)).toMatchObject({
          ...{ status: 'pending', unpaid_bid: 1000, bid: 0, message_size: 500 },
          ...{ regions: [0, 1, 2, 3, 4, 5], channel: 1, tx_seq_num: null, retransmission: null },
        });
        await api.delete(`/order/${opened.uuid}`, opened.auth_token);
      },
    );

    it('sizes have bounds: an empty file, the largest file, one more byte, the longest text', async () => {
      await refused(api.upload({ bid: '1000' }, ''), 400, 117);
      const largest = new Uint8Array(1_048_576).fill(7);
      expect((await api.upload({ bid: '1085860' }, largest)).status).toBe(200);
      await refused(api.upload({ bid: '9999999' }, new Uint8Array(1_048_577)), 413, 118);
      await refused(api.upload({ bid: '9999999' }, new Uint8Array(8_000_000)), 413, 118);
      expect((await api.form('/order', { bid: '1076', message: 'x'.repeat(1024) })).status).toBe(
        200,
      );
      await refusedFields(api.form('/order', { bid: '9999', message: 'x'.repeat(1025) }), {
        message: ['Longer than maximum length 1024.'],
      });
    });

    it('a message or a file is needed, not both, with a bid that is enough', async () => {
      const both = await api.upload({ bid: '1000', message: 'x' }, 'y');
      expect([both.status, both.text]).toEqual([400, '"Choose message or file"\n']);
      await refused(api.form('/order', { bid: '1000' }), 400, 126);
      await refusedFields(api.upload({ bid: '-1' }, 'x'), {
        bid: ['Must be greater than or equal to 0.'],
      });
      await refused(api.upload({ bid: '1051' }, 'x'.repeat(1000)), 400, 102);
      expect((await api.upload({ bid: '1052' }, 'x'.repeat(1000))).status).toBe(200);
    });

    it.each(['a', '1', '[]', '[[0]]', '[6, 1]', '{"0": 1}', ''])(
      'regions %j are refused',
      async (regions) => {
        const answer = await api.form('/order', { bid: '1000', message: 'x', regions });
        expect([answer.status, Object.keys(answer.json() as object)]).toEqual([400, ['regions']]);
      },
    );

    it('without an invoice, or its webhook, there is no order', async () => {
      const before = (await api.queue('/orders/pending?limit=100')).length;
      api.charge.failNext('refuse_invoice');
      await refused(api.form('/order', { bid: '1000', message: 'x' }), 400, 110);
      api.charge.failNext('refuse_webhook');
      await refused(api.form('/order', { bid: '1000', message: 'x' }), 400, 111);
      expect(await api.queue('/orders/pending?limit=100')).toHaveLength(before);
    });

    it('the token is taken from a header and the query', async () => {
      const { uuid, auth_token: token } = await api.open();
      expect((await api.get(`/order/${uuid}`, token)).json()).toMatchObject({ uuid });
      expect((await api.get(`/order/${uuid}?auth_token=${token}`)).json()).toMatchObject({ uuid });
      await refused(api.get(`/order/${uuid}`), 401, 109);
      await refused(api.get(`/order/${uuid}`, 'wrong-auth-token'), 401, 109);
      await refused(api.get(`/order/${uuid}?auth_token=wrong`, token), 401, 109);
      await refused(api.get(`/order/${randomUUID()}`, token), 404, 104);
      await refused(api.get('/order/12345', token), 404, 104);
    });

    it('a bump adds an invoice; one that fails changes nothing', async () => {
      const opened = await api.open();
      const { uuid, auth_token: token } = opened;
      const bump = (increase: string) =>
        api.form(`/order/${uuid}/bump`, { bid_increase: increase, auth_token: token });
      const answer = await bump('2500');
      const { lightning_invoice: invoice, ...rest } = answer.json() as typeof opened;
      expect([answer.status, rest, Number(invoice.msatoshi)]).toEqual([
        200,
        { auth_token: token },
        2500,
      ]);
      expect(await api.order(opened)).toMatchObject({ bid: 0, unpaid_bid: 3500 });
      api.charge.failNext('refuse_invoice');
      await refused(bump('3000'), 400, 110);
      expect(await api.order(opened)).toMatchObject({ bid: 0, unpaid_bid: 3500 });
      await refusedFields(bump('-1'), { bid_increase: ['Must be greater than or equal to 0.'] });
      const unknown = { bid_increase: '1', auth_token: token };
      await refused(api.form('/order/12345/bump', unknown), 404, 104);
      await refused(api.form(`/order/${uuid}/bump`, { bid_increase: '1' }), 401, 109);
      // Two of three invoices make it paid.
      await api.pay(opened);
      expect(await api.order(opened)).toMatchObject({ bid: 1000, unpaid_bid: 2500 });
      expect((await api.callBack(invoice)).status).toBe(200);
      expect(await api.order(opened)).toMatchObject({ bid: 3500, unpaid_bid: 0 });
      await refused(bump('1'), 400, 121);
      const { tx_seq_num: seq } = await api.order(opened);
      await api.confirmTx(seq, [0, 1, 2, 3, 4, 5]);
    });

    it('pending and paid orders are cancelled, once', async () => {
      const busy = await api.openPaid();
      const pending = await api.open();
      const paid = await api.openPaid();
      expect([await api.status(busy), await api.status(pending), await api.status(paid)]).toEqual([
        ...['transmitting', 'pending', 'paid'],
      ]);
      for (const { uuid, auth_token: token } of [pending, paid]) {
        const answer = await api.delete(`/order/${uuid}`, token);
        expect([answer.status, answer.text]).toEqual([200, '{"message": "order cancelled"}\n']);
        await refused(api.delete(`/order/${uuid}`, token), 400, 120);
      }
      expect((await api.order(paid)).cancelled_at).toMatch(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/,
      );
      await refused(api.delete(`/order/${busy.uuid}`, busy.auth_token), 400, 120);
      await refused(api.delete('/order/13245', 'token'), 404, 104);
      const { tx_seq_num: seq } = await api.order(busy);
      await api.confirmTx(seq, [0]);
      await refused(api.delete(`/order/${busy.uuid}`, busy.auth_token), 400, 120);
      await api.confirmTx(seq, [1, 2, 3, 4, 5]);
      await refused(api.delete(`/order/${busy.uuid}`, busy.auth_token), 400, 120);
    });
  });
}

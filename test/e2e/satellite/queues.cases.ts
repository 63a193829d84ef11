import { beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait-until.js';
import { ALL, refused, type RunningSatellite } from './running-satellite.helper.js';

const CHANNELS = [1, 3, 4, 5];

/** Lists of orders, as the peer's own tests ask for them. */
export function queues(running: () => RunningSatellite): void {
  describe('queues', () => {
    let api: RunningSatellite;
    beforeAll(async () => {
      api = running();
      await api.reset();
    });

    it.each(['pending', 'queued', 'sent'])(
      '%s refuses what is no time or no limit',
      async (queue) => {
        for (const before of [
          ...['', 'sometext', '2021-13-11', '2021.05.10', '2021-05-1a0T19:51:45'],
          ...['2021.05.10T19:51:45', '2021-05-10T25:51:45', '2021-05-10'],
        ]) {
          const answer = await api.get(`/orders/${queue}?before=${before}`);
          expect([answer.status, answer.json()]).toEqual([
            400,
            { before: ['Not a valid datetime.'] },
          ]);
        }
        for (const limit of ['', 'sometext', '1a2', '-1', '1.2', '0', '101']) {
          expect((await api.get(`/orders/${queue}?limit=${limit}`)).status).toBe(400);
        }
        const both = await api.get(`/orders/${queue}?before=2021-05-10T19:51:45&before_delta=1`);
        expect([both.status, both.json()]).toEqual([
          400,
          { _schema: ['Only one of before or before_delta is allowed'] },
        ]);
      },
    );

    it.each(['pendiing', 'someendpoint', 'Pending'])('there is no queue %s', async (queue) => {
      const answer = await api.get(`/orders/${queue}`);
      const text = `The requested queue of ${queue} orders${' '.repeat(16)}does not exist`;
      expect([answer.status, answer.json()]).toEqual([404, { [queue]: [text] }]);
    });

    it('each state is in its queues', async () => {
      const at: Record<string, string> = {};
      at['received'] = (await api.openPaid({ regions: '[2]' })).uuid;
      await api.confirmTx(1, [2]);
      at['sent'] = (await api.openPaid({ regions: '[0]' })).uuid;
      await api.confirmTx(2, [0]);
      at['confirming'] = (await api.openPaid()).uuid;
      await api.confirmTx(3, [0]);
      at['transmitting'] = (await api.openPaid()).uuid;
      at['paid'] = (await api.openPaid({ bid: '3000' })).uuid;
      at['pending'] = (await api.open()).uuid;
      const cancelled = await api.open();
      await api.delete(`/order/${cancelled.uuid}`, cancelled.auth_token);
      const of = (...names: string[]) => names.map((name) => at[name]);
      expect(await api.queue('/orders/pending')).toEqual(of('pending'));
      expect(await api.queue('/orders/paid')).toEqual(of('paid'));
      expect(await api.queue('/orders/transmitting')).toEqual(of('transmitting'));
      expect(await api.queue('/orders/confirming')).toEqual(of('confirming'));
      const queued = await api.queue('/orders/queued');
      expect([queued[0], queued.toSorted()]).toEqual([
        at['paid'],
        of('paid', 'transmitting', 'confirming').toSorted(),
      ]);
      // The newest first.
      expect(await api.queue('/orders/sent')).toEqual(of('sent', 'received'));
      expect(await api.queue('/orders/rx-pending')).toEqual(of('sent'));
      expect(await api.queue('/orders/received')).toEqual(of('received'));
      expect(await api.queue('/orders/retransmitting')).toEqual([]);
      for (const seq of [3, 4, 5]) await api.confirmTx(seq, ALL);
    });

    it('before and after are strict, by whole seconds, and whatever zone they name', async () => {
      const older = await api.open();
      const { created_at: at } = await api.order(older);
      await waitUntil('its second is over', () => Date.now() > Date.parse(`${at}Z`) + 1100);
      const newer = await api.open();
      const { created_at: next } = await api.order(newer);
      const rows = async (query: string) => api.queue(`/orders/pending?limit=100&${query}`);
      expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      expect(await rows(`before=${next}`)).toContain(older.uuid);
      expect(await rows(`before=${next}`)).not.toContain(newer.uuid);
      expect(await rows(`before=${next}%2B09:00`)).not.toContain(newer.uuid);
      expect(await rows(`before=${next}.999`)).not.toContain(newer.uuid);
      expect(await rows(`after=${at}`)).not.toContain(older.uuid);
      expect(await rows(`after=${at}`)).toContain(newer.uuid);
      expect(await rows('before_delta=3600')).toEqual([]);
      expect(await rows('after_delta=3600')).toContain(older.uuid);
    });

    it('a page is 20 rows, at most 100; channels are told apart', async () => {
      await api.reset();
      for (const channel of CHANNELS) {
        const fields = { bid: '1000', message: 'x', channel: String(channel) };
        for (let n = 0; n < 101; n += 1) {
          expect((await api.form('/admin/order', fields)).status).toBe(200);
        }
      }
      for (const channel of CHANNELS) {
        const queue = channel === 1 ? 'pending' : 'queued';
        for (const prefix of ['', '/admin']) {
          const rows = (query = '') =>
            api.get(`${prefix}/orders/${queue}?channel=${channel}${query}`);
          if (channel === 3 && prefix === '') {
            await refused(rows(), 401, 130);
            continue;
          }
          for (const [query, count] of [
            ['', 20],
            ['&limit=10', 10],
            ['&limit=100', 100],
          ] as const) {
            expect(JSON.parse((await rows(query)).text)).toHaveLength(count);
          }
        }
      }
      expect(await api.queue('/orders/queued')).toEqual([]);
      const none = await api.get('/orders/queued?channel=2');
      expect([none.status, none.json()]).toEqual([
        400,
        { channel: ['Must be one of: 1, 3, 4, 5.'] },
      ]);
    });
  });
}

import { beforeAll, describe, expect, it } from 'vitest';
import { ALL, type Opened, refused, type RunningSatellite } from './running-satellite.helper.js';

const MONITORED = [0, 1, 4, 5];
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, n) => n);

/** Messages that were sent, and confirmations, as the peer's own tests make them. */
export function messages(running: () => RunningSatellite): void {
  describe('messages and confirmations', () => {
    let api: RunningSatellite;
    beforeAll(async () => {
      api = running();
      await api.reset();
    });

    const sent = async (
      fields: Record<string, string> = {},
    ): Promise<{ opened: Opened; seq: number }> => {
      const opened = await api.openPaid(fields);
      const { tx_seq_num: seq, status } = await api.order(opened);
      expect(status).toBe('transmitting');
      return { opened, seq: seq ?? 0 };
    };

    it('the bytes are there from the start of the transmission on', async () => {
      const answer = await api.upload({ bid: '1000' }, EVERY_BYTE);
      const opened = answer.json() as Opened;
      await refused(api.get('/message/1'), 404, 114);
      await refused(api.get(`/order/${opened.uuid}/sent_message`), 404, 104);
      await refused(api.get('/order/some-uuid/sent_message'), 404, 104);
      await api.pay(opened);
      const bytes = async (path: string): Promise<Buffer> =>
        Buffer.from(await (await fetch(`${api.base}${path}`)).arrayBuffer());
      const own = `/order/${opened.uuid}/sent_message`;
      for (const step of ['transmitting', 'confirming', 'sent', 'received']) {
        expect(await api.status(opened)).toBe(step);
        for (const path of [
          '/message/1',
          '/admin/message/1',
          ...(step === 'received' ? [] : [own]),
        ]) {
          expect(await bytes(path)).toEqual(Buffer.from(EVERY_BYTE));
        }
        if (step === 'transmitting') await api.confirmTx(1, [0]);
        if (step === 'confirming') await api.confirmTx(1, ALL);
        if (step === 'sent') for (const region of MONITORED) await api.confirmRx(1, region);
      }
      await refused(api.get(own), 404, 104);
      const { headers } = await api.get('/message/1');
      expect(headers.get('content-type')).toBe('application/json');
      expect(headers.get('content-disposition')).toBe(`attachment; filename=${opened.uuid}`);
    });

    it('fields of confirmations are checked before the number', async () => {
      const tx = (fields: Record<string, string>, seq = '1') =>
        api.form(`/order/tx/${seq}`, fields);
      const rx = (fields: Record<string, string>, seq = '1') =>
        api.form(`/order/rx/${seq}`, fields);
      for (const answer of [
        tx({}, '9'),
        ...['a', '1', '[20, 1]'].map((regions) => tx({ regions }, '9')),
        ...[{}, { region: 'a' }, { regions: '[1, 2]' }, { region: '20' }].map((one) =>
          rx(one, '9'),
        ),
      ]) {
        expect((await answer).status).toBe(400);
      }
      await refused(tx({ regions: '[1]' }, '99'), 404, 114);
      await refused(rx({ region: '1' }, '99'), 404, 114);
      await refused(tx({ regions: '[1]' }, 'x'), 404, 114);
    });

    it.each([[[0]], [[0, 1]], [[0, 1, 2, 3, 4]], [[0, 1, 2, 3, 4, 4]]])(
      'sent to regions %j, received by fewer than all: it stays confirming',
      async (regions) => {
        for (const receivers of [[0], [0, 1], [0, 1, 4], [0, 1, 4, 4]]) {
          const { opened, seq } = await sent();
          await api.confirmTx(seq, regions);
          for (const region of receivers) await api.confirmRx(seq, region);
          const order = await api.order(opened);
          expect([order.status, order.tx_confirmations, order.rx_confirmations]).toEqual([
            ...['confirming', [...new Set(regions)], [...new Set(receivers)]],
          ]);
          // So that nothing is retransmitted.
          await api.confirmTx(seq, ALL);
        }
      },
    );

    it('confirmed by all it is sent; received by the monitored ones it is received, the others presumed', async () => {
      const { opened, seq } = await sent();
      await api.confirmTx(seq, ALL);
      expect(await api.status(opened)).toBe('sent');
      for (const region of MONITORED) await api.confirmRx(seq, region);
      const order = await api.order(opened);
      expect([order.status, order.rx_confirmations.toSorted()]).toEqual(['received', ALL]);
    });

    it('only regions of the order count', async () => {
      const some = await sent({ regions: '[0, 1, 2]' });
      await api.confirmTx(some.seq, [0, 1, 2]);
      expect(await api.status(some.opened)).toBe('sent');
      for (const region of [0, 1]) await api.confirmRx(some.seq, region);
      const received = await api.order(some.opened);
      expect([received.status, received.rx_confirmations]).toEqual(['received', [0, 1, 2]]);

      const presumed = await sent({ regions: '[2, 3]' });
      await api.confirmTx(presumed.seq, [2, 3]);
      const both = await api.order(presumed.opened);
      expect([both.status, both.rx_confirmations]).toEqual(['received', [2, 3]]);

      const other = await sent({ regions: '[0, 1]' });
      await api.confirmTx(other.seq, [2, 3, 4, 5]);
      expect(await api.status(other.opened)).toBe('confirming');
      await api.confirmTx(other.seq, [0, 1]);
      expect(await api.status(other.opened)).toBe('sent');
      for (const region of [2, 3, 4, 5]) await api.confirmRx(other.seq, region);
      expect(await api.status(other.opened)).toBe('sent');
      for (const region of [0, 1]) await api.confirmRx(other.seq, region);
      expect(await api.status(other.opened)).toBe('received');
    });

    it('a region is confirmed once, however often it is told', async () => {
      const first = await sent();
      for (const regions of [[2], [2], [0, 4, 2]]) await api.confirmTx(first.seq, regions);
      expect((await api.order(first.opened)).tx_confirmations).toEqual([2, 0, 4]);
      for (const region of [0, 0]) await api.confirmRx(first.seq, region);
      expect((await api.order(first.opened)).rx_confirmations).toEqual([0]);
      const next = await sent();
      await api.confirmTx(next.seq, [3, 5, 5]);
      expect((await api.order(next.opened)).tx_confirmations).toEqual([3, 5]);
      for (const { seq } of [first, next]) await api.confirmTx(seq, ALL);
    });
  });
}

import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait-until.js';
import { ALL, type Opened, type Order, type RunningSatellite } from './running-satellite.helper.js';

/** The transmitter with short timeouts, as the peer's own tests follow it; nothing but HTTP, and the time passes by itself. */
export function transmitter(running: () => RunningSatellite): void {
  describe('the transmitter', () => {
    let api: RunningSatellite;
    let stream: Awaited<ReturnType<RunningSatellite['subscribe']>>;
    beforeAll(() => {
      api = running();
    });
    beforeEach(async () => {
      expect(await api.reset()).toContain('the next number is 1');
      stream = await api.subscribe('/subscribe/transmissions');
    });
    afterEach(() => stream.close());

    const states = (...opened: Opened[]) => Promise.all(opened.map((one) => api.status(one)));
    const becomes = (opened: Opened, state: string, test: (order: Order) => boolean = () => true) =>
      waitUntil(
        `${opened.uuid} is ${state}`,
        async () => {
          const order = await api.order(opened);
          return order.status === state && test(order);
        },
        30_000,
      );
    const events = () =>
      [...stream.text().matchAll(/^event:transmissions\ndata:(\{.*\})\n\n/gm)].map(
        ([, data = '']) => JSON.parse(data) as Order,
      );
    const seen = async (count: number) => {
      await waitUntil(`${count} events`, () => events().length >= count);
      return events();
    };

    it('starts with the payment, and the next one when it has ended', async () => {
      const [first, second] = [await api.open({ bid: '2000' }), await api.open()];
      await api.pay(first);
      expect(await states(first, second)).toEqual(['transmitting', 'pending']);
      await api.pay(second);
      expect(await states(first, second)).toEqual(['transmitting', 'paid']);
      await api.confirmTx(1, ALL);
      expect(await states(first, second)).toEqual(['sent', 'transmitting']);
      expect((await api.order(second)).tx_seq_num).toBe(2);
      await api.confirmTx(2, ALL);
      const told = await seen(4);
      expect(told.map(({ uuid, status }) => [uuid, status])).toEqual([
        [first.uuid, 'transmitting'],
        [first.uuid, 'sent'],
        [second.uuid, 'transmitting'],
        [second.uuid, 'sent'],
      ]);
      // The 13 fields that everybody may see.
      expect(Object.keys(told[0] ?? {})).toHaveLength(13);
      expect(Object.keys(told[0] ?? {})).not.toContain('channel');
    });

    it('each channel has a transmitter of its own, and numbers are of all', async () => {
      const admin = (channel: string) => api.open({ channel }, '/admin/order');
      const [gossip, gossip2] = [await admin('4'), await admin('4')];
      const [source, source2] = [await admin('5'), await admin('5')];
      const [user, user2] = [await api.open(), await api.open({ bid: '2000' })];
      expect('lightning_invoice' in gossip).toBe(false);
      const all = [gossip, gossip2, source, source2, user, user2] as const;
      expect(await states(...all)).toEqual([
        ...['transmitting', 'paid', 'transmitting', 'paid', 'pending', 'pending'],
      ]);
      await api.pay(user);
      for (const [one, number] of [
        [gossip, 1],
        [source, 2],
        [user, 3],
      ] as const) {
        expect((await api.order(one)).tx_seq_num).toBe(number);
        await api.confirmTx(number, ALL);
      }
      expect(await states(...all)).toEqual([
        ...['sent', 'transmitting', 'sent', 'transmitting', 'sent', 'pending'],
      ]);
      for (const number of [4, 5]) await api.confirmTx(number, ALL);
    });

    it('what is not confirmed is sent again: new orders first, then the higher bid, to the missing regions', async () => {
      const first = await api.openPaid({ bid: '1000' });
      await api.confirmTx(1, [0]);
      expect(await api.status(first)).toBe('confirming');
      const second = await api.openPaid({ bid: '2000' });
      const third = await api.openPaid({ bid: '2000', regions: '[0, 1]' });
      expect(await states(second, third)).toEqual(['transmitting', 'paid']);
      // Nobody confirms the second one: it gives way to the new order.
      await becomes(third, 'transmitting');
      await becomes(second, 'confirming');
      const waiting = await api.order(second);
      expect(waiting.retransmission).toMatchObject({ last_attempt: null, retry_count: 0 });
      expect((await api.order(third)).retransmission).toBeNull();
      await waitUntil(
        'the first one waits too',
        async () => (await api.order(first)).retransmission !== null,
      );
      await api.confirmTx(3, [0, 1]);
      expect(await states(third, second)).toEqual(['sent', 'transmitting']);
      await api.confirmTx(2, ALL);
      expect(await states(second, first)).toEqual(['sent', 'transmitting']);
      expect((await api.order(second)).retransmission).toBeNull();
      const once = await api.order(first);
      expect(once.retransmission).toMatchObject({ retry_count: 1, region_code: 62 });
      expect(once.retransmission?.last_attempt).toMatch(/T\d\d:\d\d:\d\d\.\d{6}$/);
      const told = await seen(7);
      expect(told.at(-1)).toMatchObject({
        uuid: first.uuid,
        tx_seq_num: 1,
        regions: [1, 2, 3, 4, 5],
      });

      await becomes(first, 'transmitting', ({ retransmission: at }) => at?.retry_count === 2);
      await api.confirmTx(1, [1, 2]);
      expect(await api.status(first)).toBe('confirming');
      await becomes(first, 'transmitting', ({ retransmission: at }) => at?.retry_count === 3);
      // A region that has confirmed before does not end the attempt.
      await api.confirmTx(1, [1, 2]);
      expect(await api.status(first)).toBe('transmitting');
      expect(await api.queue('/orders/retransmitting')).toEqual([first.uuid]);
      const [shown] = (await api.get('/admin/orders/retransmitting')).json() as Order[];
      expect(shown?.retransmission).toMatchObject({ retry_count: 3, region_code: 56 });
      expect((await api.get(`/order/${first.uuid}`, first.auth_token)).json()).not.toHaveProperty(
        'retransmission',
      );
      const [open] = (await api.get('/orders/retransmitting')).json() as object[];
      expect(open).not.toHaveProperty('retransmission');
      await api.confirmTx(1, ALL);
      expect(await api.queue('/orders/retransmitting')).toEqual([]);
    });
  });
}

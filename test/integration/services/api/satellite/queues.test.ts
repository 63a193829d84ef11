import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeOut } from '../../../../../engine/transmissions/advance-order.js';
import {
  cancel,
  confirm,
  inTx,
  orderOf,
  passDeadline,
} from '../../../engine/transmissions/fixture.helper.js';
import { type Satellite, satelliteApi } from './harness.helper.js';

interface Row {
  readonly uuid: string;
  readonly status: string;
}

describe('GET /orders/STATE', () => {
  let api: Satellite;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    api = await satelliteApi();
    const open = async (name: string, bid: number, regions = '[0,1,2,3,4,5]') => {
      const opened = await api.open({ bid: String(bid), message: name, regions });
      ids[name] = opened.uuid;
      return opened;
    };
    // Number 1 is received, 2 sent, 3 is sent again, 4 waits for that, 5 transmits.
    for (const [n, name] of ['received', 'sent', 'again', 'waiting'].entries()) {
      const opened = await open(name, 2000);
      await api.settle(opened);
      if (name === 'received' || name === 'sent') await confirm(api.fixture, 'tx', n + 1);
      if (name === 'received') await confirm(api.fixture, 'rx', n + 1);
      if (name === 'again' || name === 'waiting') {
        await passDeadline(api.fixture, opened.uuid);
        await inTx(api.fixture, (tx) => timeOut(tx, opened.uuid));
      }
    }
    await passDeadline(api.fixture, ids['again'] ?? '');
    await api.settle(await open('low', 1000));
    await api.settle(await open('high', 3000));
    await open('pending', 5000);
    await cancel(api.fixture, (await open('cancelled', 1000)).uuid);
  });
  afterAll(() => api.close());

  const names = async (path: string): Promise<string[]> => {
    const answer = await api.app.inject(path);
    expect(answer.statusCode, answer.body).toBe(200);
    return answer
      .json<Row[]>()
      .map(({ uuid }) => Object.entries(ids).find(([, id]) => id === uuid)?.[0] ?? uuid);
  };

  it.each([
    ['pending', ['pending']],
    ['sent', ['sent', 'received']],
    ['rx-pending', ['sent']],
    ['received', ['received']],
  ])('%s', async (queue, expected) => {
    expect(await names(`/orders/${queue}`)).toEqual(expected);
    expect(await names(`/admin/orders/${queue}`)).toEqual(expected);
  });

  it('queued goes by bid, and holds what is paid and not sent', async () => {
    const queued = await names('/orders/queued');
    expect(queued.toSorted()).toEqual(['again', 'high', 'low', 'waiting']);
    expect(queued.indexOf('high')).toBeLessThan(queued.indexOf('low'));
  });

  it('retransmitting leaves out those that wait for their first', async () => {
    const shown = await names('/orders/retransmitting');
    const states = await Promise.all(
      ['again', 'waiting'].map((name) => orderOf(api.fixture, ids[name] ?? '')),
    );
    const retried = states.filter(({ retry_count: count }) => count > 0).map(({ id }) => id);
    expect(shown.map((name) => ids[name])).toEqual(retried);
  });

  it('pages by strict whole seconds, at most limit rows', async () => {
    const [row] = (await api.app.inject('/orders/received')).json<
      { ended_transmission_at: string }[]
    >();
    const at = row?.ended_transmission_at ?? '';
    const second = at.slice(0, 19);
    expect(await names(`/orders/received?before=${encodeURIComponent(at)}`)).toEqual([]);
    expect(await names(`/orders/received?after=${second}`)).toEqual([]);
    // A zone is read and ignored.
    const later = new Date(Date.parse(`${second}Z`) + 1000).toISOString().slice(0, 19);
    expect(await names(`/orders/received?before=${later}%2B05:00`)).toEqual(['received']);
    expect(await names('/orders/sent?limit=1')).toEqual(['sent']);
    expect(await names('/orders/sent?before_delta=600')).toEqual([]);
    expect(await names('/orders/sent?after_delta=600')).toEqual(['sent', 'received']);
    expect(await names('/orders/pending?channel=4')).toEqual([]);
  });

  it.each([
    ['limit=0', { limit: ['Must be greater than or equal to 1 and less than or equal to 100.'] }],
    ['limit=x', { limit: ['Not a valid integer.'] }],
    ['before=2026-11-21', { before: ['Not a valid datetime.'] }],
    ['after=2026-02-30T00:00:00', { after: ['Not a valid datetime.'] }],
    ['before_delta=x', { before_delta: ['Not a valid period of time.'] }],
    ['foo=1', { foo: ['Unknown field.'] }],
    ['channel=2', { channel: ['Must be one of: 1, 3, 4, 5.'] }],
    [
      'after=2026-02-03T00:00&after_delta=1',
      { _schema: ['Only one of after or after_delta is allowed'] },
    ],
  ])('refuses %s', async (query, body) => {
    const answer = await api.app.inject(`/orders/pending?${query}`);
    expect([answer.statusCode, answer.json()]).toEqual([400, body]);
  });

  it('knows no other queue', async () => {
    const answer = await api.app.inject('/orders/nothing');
    expect([answer.statusCode, answer.body]).toEqual([
      404,
      `{"nothing": ["The requested queue of nothing orders${' '.repeat(16)}does not exist"]}\n`,
    ]);
  });
});

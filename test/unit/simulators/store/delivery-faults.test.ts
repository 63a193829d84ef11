import { describe, expect, test } from 'vitest';
import { first, hmac, SECRET, storeFixture } from './fixture.helper.js';

const store = storeFixture();
const MINUTE = 60;

describe('faults of deliveries', () => {
  test('lost ones are not sent and count as nothing', async () => {
    await store.begin({}, ['order.created', 'order.updated']);
    await store.control.setFaults({ deliveries: { loseNext: 1, topics: ['order.created'] } });
    await store.control.place();
    await store.control.drain();
    expect(store.told()).toEqual(['updated pending']);
    expect((await store.control.deliveries()).map(({ outcome }) => outcome).sort()).toEqual([
      'answered',
      'lost',
    ]);
    expect(await store.control.webhooks()).toMatchObject([{ failures: 0 }, { failures: 0 }]);
  });

  test('bursts lose several in a row', async () => {
    await store.begin({}, ['order.created']);
    await store.control.setFaults({ deliveries: { burst: { probability: 0.2, length: 4 } } });
    for (let n = 0; n < 40; n += 1) {
      await store.control.place();
      await store.control.advance(2);
    }
    const outcomes = (await store.control.deliveries()).map(({ outcome }) => outcome[0]).join('');
    expect(outcomes).toContain('llll');
    // The last burst may go on.
    expect(
      outcomes
        .replace(/l+$/, '')
        .split(/a+/)
        .every((run) => run.length % 4 === 0),
    ).toBe(true);
  });

  test('late ones wait in the queue', async () => {
    await store.begin({}, ['order.created']);
    const late = { probability: 1, seconds: 100 * MINUTE };
    await store.control.setFaults({ seed: 3, deliveries: { late } });
    await store.control.place();
    await store.control.advance(2);
    expect(store.told()).toEqual([]);
    await store.control.advance(100 * MINUTE);
    expect(store.told()).toEqual(['created pending']);
  });

  test('doubled ones are sent twice, the same', async () => {
    await store.begin({}, ['order.created']);
    await store.control.setFaults({ deliveries: { double: 1 } });
    await store.control.place();
    await store.control.drain();
    const [one, two] = store.receiver.received;
    expect(two?.body).toBe(one?.body);
    expect(two?.headers['x-wc-webhook-delivery-id']).toBe(one?.headers['x-wc-webhook-delivery-id']);
  });

  test('reordered ones come behind the next', async () => {
    await store.begin({}, ['order.created', 'order.updated']);
    await store.control.setFaults({ deliveries: { reorder: 1, topics: ['order.created'] } });
    await store.control.place();
    await store.control.drain();
    expect(store.told()).toEqual(['updated pending', 'created pending']);
    await store.control.changeWebhook(2n, { status: 'paused' });
    await store.control.place();
    await store.control.advance(70);
    expect(store.told()).toEqual(['created pending']);
  });

  test('a wrong secret makes a wrong signature', async () => {
    await store.begin({}, ['order.created']);
    await store.control.setFaults({ deliveries: { wrongSecret: true } });
    await store.control.place();
    await store.control.drain();
    const { body, headers } = first(store.receiver.received);
    expect(headers['x-wc-webhook-signature']).not.toBe(hmac(SECRET, body));
  });
});

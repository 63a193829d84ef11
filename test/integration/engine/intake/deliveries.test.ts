import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayDeliveries } from '../../../../engine/intake/events/replay.js';
import { putChannel } from '../../../../engine/intake/incidents/channels.js';
import { decryptSecret } from '../../../../engine/stored-secrets.js';
import {
  addSecret,
  readSecrets,
  rotateSecrets,
} from '../../../../engine/intake/stores/webhook-secrets.js';
import { IntakeFixture, SECRET, type TestStore } from './fixture.helper.js';

let fixture: IntakeFixture;
beforeAll(async () => {
  fixture = await IntakeFixture.start();
});
afterAll(() => fixture.close());

let stores = 0;
const newStore = (options?: Parameters<IntakeFixture['store']>[1]): Promise<TestStore> =>
  fixture.store(`shop-${(stores += 1)}`, options);

describe('the door', () => {
  it('acknowledges whatever is signed, and keeps it once', async () => {
    const store = await newStore();
    const folder = new URL('../../../vectors/woocommerce/', import.meta.url).pathname;
    const bodies = readdirSync(folder).map((name) => readFileSync(folder + name));
    const large = Buffer.alloc(5 * 1024 * 1024, ' ');
    for (const body of [...bodies, large, Buffer.from([0, 255, 1])]) {
      expect(await store.deliver('order.updated', body)).toBe(200);
    }
    expect(await store.deliver('product.updated', '{}')).toBe(200);
    await store.apply();
    const outcomes = await store.outcomes();
    expect(outcomes).toHaveLength(19);
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(10);
    expect(outcomes.slice(-3)).toEqual(['not_json', 'not_json', 'other_topic']);
    expect(Object.keys(await store.incidents())).toEqual(['store_errors/webhook/7']);
  });

  it('keeps one of the same delivery, and both of two with one id', async () => {
    const store = await newStore();
    const headers = (topic: string) => ({
      'x-wc-webhook-topic': topic,
      'x-wc-webhook-signature': 'ha0+mtkEuNjhXrVwLKK9FmsxjJf1t3GlCaWRknlSzU4=',
    });
    expect(await store.post('{"id":205}', headers('order.deleted'))).toBe(401);
    await addSecret(fixture.pool, fixture.context.keys, {
      store: store.id,
      topic: '*',
      secret: 'secret',
    });
    for (const topic of ['order.deleted', 'order.deleted', 'order.updated']) {
      expect(await store.post('{"id":205}', headers(topic))).toBe(200);
    }
    expect(await store.outcomes()).toHaveLength(2);
    // The first was refused before, and counts now.
    expect(await store.apply()).toBe(2);
  });

  it('answers a ping with 200, and a wrong signature with 401 and an incident', async () => {
    const store = await newStore();
    expect(
      await store.post('webhook_id=12', { 'content-type': 'application/x-www-form-urlencoded' }),
    ).toBe(200);
    expect(await store.outcomes()).toEqual([]);
    expect(await store.deliver('order.updated', store.body({ id: 1n }), 'wrong')).toBe(401);
    expect(await store.incidents()).toEqual({ 'bad_signature/unknown webhook': [] });
    expect(await store.apply()).toBe(0);
    expect(await replayDeliveries(fixture.context, store.id, { preview: false })).toBe(0);
    await addSecret(fixture.pool, fixture.context.keys, {
      store: store.id,
      topic: '*',
      secret: 'wrong',
    });
    expect(await replayDeliveries(fixture.context, store.id, { preview: true })).toBe(1);
    expect(await replayDeliveries(fixture.context, store.id, { preview: false })).toBe(1);
    expect(await store.apply()).toBe(1);
  });

  it('never answers 5xx', async () => {
    const store = await newStore();
    const value = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', ' ', '.', '*', '>', '/', '-', '%', 'é'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        value,
        value,
        async (bytes, topic, path) => {
          const status = await store.post(
            Buffer.from(bytes),
            { 'x-wc-webhook-topic': encodeURIComponent(topic) },
            `/${encodeURIComponent(path)}`,
          );
          expect(status).toBeLessThan(500);
          await store.deliver(`order.${encodeURIComponent(topic)}`, Buffer.from(bytes));
        },
      ),
      { numRuns: 40 },
    );
    await store.apply();
    expect((await store.outcomes()).filter((outcome) => outcome === 'applied')).toEqual([]);
  });
});

describe('orders', () => {
  it('end as the newest snapshot says, in whatever order they come', async () => {
    const store = await newStore();
    const statuses = ['pending', 'processing', 'completed', 'own-status'];
    let id = 100n;
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
        fc.nat(3),
        async (order, again) => {
          id += 1n;
          for (const n of [...order, order[again % order.length] ?? 0]) {
            await store.deliver(
              'order.updated',
              store.body({ id, status: statuses[n] ?? '', modified: 60 + n }),
            );
          }
          await store.apply();
          expect((await store.statuses())[String(id)]).toBe(statuses[Math.max(...order)]);
          const { rows } = await fixture.pool.query<{ open: number; twice: number }>(
            `select count(*) filter (where left_at is null)::int as open, count(*)::int - count(distinct status)::int as twice
             from store_order_steps where store = $1 and order_id = $2`,
            [store.id, id],
          );
          expect(rows).toEqual([{ open: 1, twice: 0 }]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('of one second that differ are settled by the store', async () => {
    const store = await newStore();
    await store.deliver('order.created', store.body({ id: 1n, status: 'pending' }));
    await store.deliver('order.updated', store.has({ id: 1n, status: 'processing' }));
    await store.deliver('order.updated', store.body({ id: 1n, status: 'failed' }));
    await store.apply();
    expect(await store.statuses()).toEqual({ 1: 'pending' });
    await store.run('orders');
    expect(await store.statuses()).toEqual({ 1: 'processing' });
  });
});

describe('secrets', () => {
  it('are stored encrypted, and encrypted again with a newer key', async () => {
    const store = await newStore();
    const { keys } = fixture.context;
    const newer = new Map([...keys, [2, Buffer.alloc(32, 7)]]);
    const hook = 'https://chat.example/hook';
    await putChannel(fixture.pool, keys, {
      ...{ store: store.id, name: 'chat', kind: 'chat', hook, settings: {} },
    });
    expect(await rotateSecrets(fixture.pool, newer)).toBeGreaterThan(0);
    expect(await rotateSecrets(fixture.pool, newer)).toBe(0);
    expect(await readSecrets(fixture.pool, newer, store.id)).toEqual([SECRET]);
    const channel = await fixture.pool.query<{ secret: Buffer }>(
      'select secret from notice_channels where store = $1',
      [store.id],
    );
    const [{ secret } = { secret: Buffer.of() }] = channel.rows;
    expect(decryptSecret(newer, `channel/${store.id}/chat`, secret)).toBe(hook);
    await expect(readSecrets(fixture.pool, keys, store.id)).rejects.toThrow('version 2');
    const { rows } = await fixture.pool.query(
      `select from store_webhooks where encode(secret, 'escape') like '%' || $1 || '%'`,
      [SECRET],
    );
    expect(rows).toHaveLength(0);
  });
});

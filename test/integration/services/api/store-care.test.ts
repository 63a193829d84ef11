import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { applyLeftEvents } from '../../../../engine/intake/events/left-events.js';
import { createIntakeContext } from '../../../../services/shared/intake-context.js';
import { StoreControl } from '../../../../simulators/store/control-client.js';
import { type RunningSimulator, startStore } from '../../../../simulators/store/start-store.js';
import { ApiTester, type Answered } from './tester.helper.js';

const SECRET = 'a-secret';
let tester: ApiTester;
let simulator: RunningSimulator;
let control: StoreControl;
beforeAll(async () => {
  tester = await ApiTester.start();
  simulator = await startStore({ host: '127.0.0.1', port: 0 });
  control = new StoreControl(simulator.url);
  await control.reset();
  const added = await post('', {
    ...{ id: 'shop', url: simulator.url, name: 'Shop', secrets: [SECRET] },
    apiKey: { key: 'ck_simulated', secret: 'cs_simulated' },
    settings: { slips: { statuses: ['processing'] } },
  });
  expect(added.status, added.text).toBe(201);
});
afterAll(async () => {
  await simulator.stop();
  await tester.close();
});

const STORE = '/v1/stores/shop';
const post = (path: string, body: unknown): Promise<Answered> =>
  tester.post(path === '' ? '/v1/stores' : `${STORE}/${path}`, body, tester.operator);
const get = (path: string): Promise<Answered> => tester.get(`${STORE}/${path}`, tester.operator);

function deliver(body: string, secret = SECRET): Promise<Answered> {
  return tester.ask({
    ...{ method: 'POST', url: `${STORE}/webhooks`, body },
    headers: {
      'content-type': 'application/json',
      'x-wc-webhook-topic': 'order.updated',
      'x-wc-webhook-id': '1',
      'x-wc-webhook-signature': createHmac('sha256', secret).update(body).digest('base64'),
    },
  });
}

async function apply(): Promise<void> {
  const { pool, engine } = tester.api;
  const config = { secret: engine.secret, storeKey: undefined, apiUrl: 'http://127.0.0.1:1' };
  await applyLeftEvents(
    createIntakeContext(config, { pool, outboxChanged: () => undefined }),
    'shop',
    0,
  );
}

const letters = z.object({
  deadLetters: z.array(z.object({ id: z.string(), reason: z.string() })),
});

describe('dead letters', () => {
  it('are listed, and replayed after a preview once their cause is gone', async () => {
    expect((await deliver('no json')).status).toBe(200);
    expect((await deliver('{"id":7}', 'other')).status).toBe(401);
    await apply();
    const { deadLetters } = letters.parse((await get('dead-letters')).json);
    expect(deadLetters.map(({ reason }) => reason)).toEqual(['bad_signature', 'not_json']);
    const again = (body: object): Promise<Answered> => post('dead-letters/replay', body);
    expect((await again({ preview: true })).json).toEqual({ replayed: 0 });
    await post('secrets', { secret: 'other' });
    expect((await again({ preview: true })).json).toEqual({ replayed: 1 });
    const ids = deadLetters.map(({ id }) => id);
    expect((await again({ ids: [...ids, '999999'] })).json).toEqual({ replayed: 2 });
    await apply();
    const left = letters.parse((await get('dead-letters')).json).deadLetters;
    expect(left.map(({ reason }) => reason)).toEqual(['id_only', 'not_json']);
  });
});

describe('recovering', () => {
  it('counts, takes in, and holds the slips until somebody asks', async () => {
    const id = await control.place({
      ...{ status: 'processing', email: 'eve@example.org' },
      items: [{ name: 'Course', quantity: 2 }],
    });
    await control.advance(60);
    const since = new Date(Date.now() - 3_600_000).toISOString();
    expect((await post('recover', { since, preview: true })).json).toMatchObject({ changed: null });
    await tester.api.pool.query(
      `update stores set clock_store_at = clock_store_at + interval '1 hour', slips_since = slips_since - interval '1 hour',
         installed_at = installed_at - interval '1 hour'`,
    );
    const recovered = await post('recover', { since });
    expect(recovered.json).toEqual({ found: 1, changed: 1, nextSince: null });
    const page = await get(`participants?order=${id}&limit=1`);
    const { participants, nextCursor } = z
      .object({ participants: z.array(z.unknown()), nextCursor: z.string() })
      .parse(page.json);
    expect(participants).toMatchObject([
      { position: 1, email: 'eve@example.org', slip: { version: 1, mail: 'held' } },
    ]);
    const rest = await get(`participants?order=${id}&limit=1&cursor=${nextCursor}`);
    expect(rest.json).toMatchObject({ participants: [{ position: 2 }], nextCursor: null });
    expect((await post('slips', { preview: true })).json).toEqual({ mails: 2, again: 0 });
    expect((await post('slips', { order: String(id) })).json).toEqual({ mails: 2, again: 0 });
    expect((await post('slips', { order: String(id) })).json).toEqual({ mails: 0, again: 0 });
    expect((await post('slips', { order: '12345' })).json).toMatchObject({
      code: 'store.order_not_found',
    });
    const erased = { orders: 1, participants: 2, slips: 0, deliveries: 0 };
    expect((await post('erasures', { email: 'eve@example.org', preview: true })).json).toEqual(
      erased,
    );
    expect((await post('erasures', { email: 'eve@example.org' })).json).toEqual(erased);
    expect((await get(`participants?order=${id}`)).text).not.toContain('eve@');
  });
});

/** A store whose webhooks deliver to us, and one elsewhere. */
async function webhooksFor(permissions: 'read' | 'read_write'): Promise<void> {
  await control.reset({ keys: [{ key: 'ck_simulated', secret: 'cs_simulated', permissions }] });
  const ours = 'http://127.0.0.1:8420/v1/stores/shop/webhooks';
  for (const [topic, deliveryUrl] of [
    ['order.created', ours],
    ['order.updated', `${ours}/updated`],
    ['order.updated', 'http://127.0.0.1:8420/v1/stores/shop2/webhooks'],
  ] as const) {
    await control.createWebhook({ name: topic, topic, deliveryUrl, secret: SECRET });
  }
}

describe('a store', () => {
  it('is closed once, and refuses deliveries from then on', async () => {
    expect((await post('reconcile', {})).json).toEqual({ started: true });
    expect((await post('close', {})).json).toMatchObject({ id: 'shop' });
    const closed = await post('close', {});
    expect(closed.json).not.toMatchObject({ closedAt: null });
    const { rows } = await tester.api.pool.query<{ reason: string }>(
      `select payload ->> 'reason' as reason from outbox where subject = 'store/shop' and kind = 'wake' order by id`,
    );
    expect(rows.map(({ reason }) => reason).slice(-2)).toEqual([
      'reconcile now',
      'the store is closed',
    ]);
  });

  it('its webhooks are deleted where its key may write; else it is said which remain', async () => {
    await webhooksFor('read');
    expect((await post('close', {})).json).toMatchObject({
      webhooks: {
        removed: 0,
        remaining: ['order.created', 'order.updated'].map((topic) => ({
          topic,
          reason: 'woocommerce_rest_authentication_error',
        })),
      },
    });
    await webhooksFor('read_write');
    expect((await post('close', {})).json).toMatchObject({
      webhooks: { removed: 2, remaining: [] },
    });
    const left = await control.webhooks();
    expect(left.map(({ deliveryUrl }) => deliveryUrl)).toEqual([
      expect.stringContaining('shop2') as string,
    ]);
    await simulator.stop();
    const answer = await post('close', {});
    expect(answer.json).toMatchObject({
      webhooks: { removed: 0, remaining: [{ topic: '*' }, { topic: '*' }] },
    });
    simulator = await startStore({ host: '127.0.0.1', port: 0 });
  }, 60_000);
});

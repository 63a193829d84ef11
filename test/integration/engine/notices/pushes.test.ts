import { createECDH } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PushDevice, PushMessage, PushPort } from '../../../../adapters/push/port.js';
import { createWebPush } from '../../../../adapters/push/web-push.js';
import { VapidKey } from '../../../../adapters/push/vapid.js';
import { transact } from '../../../../engine/context.js';
import { deliverDue } from '../../../../engine/deliveries/deliver.js';
import { deleteItem } from '../../../../engine/items/delete-item.js';
import { markRead } from '../../../../engine/actions/read-notices.js';
import { listSubscriptions, subscribe } from '../../../../engine/notices/push-subscriptions.js';
import { ActionFixture } from '../actions/fixture.helper.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import { World } from '../actions/items/world.helper.js';
import { doEffects } from './told.helper.js';

let fixture: ActionFixture;
let world: World;

/** What a push service of a browser does, without one. */
class SimulatedPushes implements PushPort {
  readonly sent: { endpoint: string; topic: string; text: unknown }[] = [];
  mode: 'takes' | 'gone' | 'fails' = 'takes';

  send({ endpoint }: PushDevice, { topic, text }: PushMessage): Promise<'delivered' | 'gone'> {
    if (this.mode === 'fails') return Promise.reject(new Error('the push service answered 503'));
    if (this.mode === 'gone') return Promise.resolve('gone');
    this.sent.push({ endpoint, topic, text: JSON.parse(text) });
    return Promise.resolve('delivered');
  }
}

let pushes: SimulatedPushes;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  world = await World.create(fixture);
});
afterAll(() => fixture.close());
beforeEach(() => {
  pushes = new SimulatedPushes();
});

let devices = 0;

async function device(of: Person): Promise<string> {
  devices += 1;
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  const endpoint = `https://push.example/${devices}`;
  const keys = { p256dh: ecdh.getPublicKey(), auth: Buffer.alloc(16, devices) };
  await transact(fixture.engine, (tx) => subscribe(tx, of.id, { endpoint, ...keys }));
  return endpoint;
}

/** All that is due by then, also what waits for more to be told together. */
async function deliver(): Promise<void> {
  await fixture.pool.query(
    'update deliveries set due_at = clock_timestamp() where done_at is null',
  );
  const { relays, ...parts } = {
    ...{ pool: fixture.pool, secret: 'x', push: pushes },
    relays: { publish: () => Promise.reject(new Error('no relay')) },
  };
  while ((await deliverDue({ ...parts, relays })) > 0);
}

describe('B55: zaps', () => {
  it('that come fast are one push to each device, with the sum as it is then', async () => {
    const star = await fixture.account('pushed', 1_000_000_000n);
    const endpoints = [await device(star), await device(star)];
    const item = await world.item({}, star);
    for (let n = 0; n < 5; n += 1) {
      await world.paid('ZAP', { itemId: item, sats: 10 }, world.rich);
      await doEffects(fixture);
    }
    await deliver();
    expect(pushes.sent.map(({ endpoint }) => endpoint).sort()).toEqual(endpoints);
    expect(pushes.sent[0]?.text).toEqual({
      ...{ kind: 'ZAP', itemId: item, by: 'rich', amountMsat: '35000', times: 5 },
    });
    await deliver();
    expect(pushes.sent).toHaveLength(2);
    await world.paid('ZAP', { itemId: item, sats: 10 }, world.rich);
    await doEffects(fixture);
    await deliver();
    expect(pushes.sent.slice(2).map(({ text }) => text)).toMatchObject([
      { times: 6 },
      { times: 6 },
    ]);
  });

  it('that come while one is being sent are told afterwards', async () => {
    const star = await fixture.account('busy', 1_000_000_000n);
    await device(star);
    const item = await world.item({}, star);
    const zap = async (): Promise<void> => {
      await world.paid('ZAP', { itemId: item, sats: 10 }, world.rich);
      await doEffects(fixture);
    };
    await zap();
    const send = pushes.send.bind(pushes);
    let first = true;
    pushes.send = async (to, message) => {
      if (first) await zap();
      first = false;
      return send(to, message);
    };
    await deliver();
    await deliver();
    expect(pushes.sent.map(({ text }) => text)).toMatchObject([{ times: 1 }, { times: 2 }]);
  });
});

it('what was read meanwhile is not pushed; a device that is gone is not asked again', async () => {
  const reader = await fixture.account('reader', 1_000_000_000n);
  await device(reader);
  const item = await world.item({}, reader);
  await world.comment(item, 'one', world.rich);
  await doEffects(fixture);
  await markRead(fixture.pool, reader.id, null);
  await deliver();
  expect(pushes.sent).toEqual([]);
  await world.comment(item, 'two', world.rich);
  await doEffects(fixture);
  pushes.mode = 'gone';
  await deliver();
  expect(await listSubscriptions(fixture.pool, reader.id)).toEqual([]);
  pushes.mode = 'takes';
  await world.comment(item, 'three', world.rich);
  await doEffects(fixture);
  await deliver();
  expect(pushes.sent).toEqual([]);
});

it('what is said of an item that was deleted meanwhile is not pushed; what it has earned is', async () => {
  const earner = await fixture.account('earner', 1_000_000_000n);
  await device(earner);
  const item = await world.item({}, earner);
  const reply = await world.comment(item, 'regretted', world.rich);
  await world.paid('ZAP', { itemId: item, sats: 10 }, world.rich);
  await doEffects(fixture);
  await deleteItem(fixture.pool, reply, world.rich.id);
  await deleteItem(fixture.pool, item, earner.id);
  await deliver();
  expect(pushes.sent.map(({ text }) => text)).toMatchObject([{ kind: 'ZAP', itemId: item }]);
});

it('a push service that fails is asked again, for a while', async () => {
  const patient = await fixture.account('patient', 1_000_000_000n);
  await device(patient);
  const item = await world.item({}, patient);
  await world.comment(item, 'hello', world.rich);
  await doEffects(fixture);
  pushes.mode = 'fails';
  for (let tries = 1; tries <= 9; tries += 1) await deliver();
  expect(await fixture.count('deliveries where done_at is null')).toBe(1);
  await deliver();
  expect(await fixture.count('deliveries where done_at is null')).toBe(0);
  expect(
    await fixture.count(
      `deliveries where not delivered and last_error like '%503%' and tries = 10`,
    ),
  ).toBe(1);
});

it('a real request has the headers of the protocol; our own networks are not called', async () => {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  const key = new VapidKey(Buffer.alloc(32, 1).toString('base64url'), 'mailto:a@b.example');
  const to = { p256dh: ecdh.getPublicKey(), auth: Buffer.alloc(16) };
  const seen: unknown[] = [];
  const web = createWebPush(key, (url, { headers, body }) => {
    seen.push(url.href, headers, body.length);
    return Promise.resolve({ status: 201 });
  });
  const message = { text: '{}', topic: 'notice-1' };
  await web.send({ endpoint: 'https://push.example/x', ...to }, message);
  expect(seen).toMatchObject([
    'https://push.example/x',
    { 'content-encoding': 'aes128gcm', ttl: '86400', topic: 'notice-1' },
    16 + 5 + 65 + 2 + 1 + 16,
  ]);
  expect(z.string().parse((seen[1] as Record<string, unknown>)['authorization'])).toMatch(
    /^vapid t=/,
  );
  for (const endpoint of ['https://localhost/x', 'https://127.0.0.1/x', 'http://push.example/x']) {
    await expect(createWebPush(key).send({ endpoint, ...to }, message)).rejects.toThrow();
  }
});

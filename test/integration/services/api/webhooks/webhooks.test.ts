import { webhookReplayAnswer, webhookWithKeyAnswer } from '@quittance/sdk/answers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { armFailpoints } from '../../../../../engine/failpoint.js';
import type { WebhookSender } from '../../../../../services/relay/webhooks/sender.js';
import { startReceiver, type WebhookReceiver } from '../../../../support/webhook-receiver.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { ApiTester, type Headers, NEW_POST } from '../tester.helper.js';
import {
  deliveriesOf,
  messageOf,
  newSender,
  subscribe,
  verified,
  type Webhook,
} from './webhooks.helper.js';

let tester: ApiTester;
let receiver: WebhookReceiver;
const senders: WebhookSender[] = [];

beforeAll(async () => {
  tester = await ApiTester.start();
  receiver = await startReceiver();
});
afterEach(async () => {
  armFailpoints([]);
  for (const sender of senders.splice(0)) await sender.stop();
  receiver.reset();
  await tester.api.pool.query('delete from webhook_endpoints');
});
afterAll(async () => {
  await receiver.stop();
  await tester.close();
});

function send(): WebhookSender {
  const sender = newSender(tester);
  senders.push(sender);
  sender.start();
  return sender;
}

/** As if the next try were due now. */
const hurry = () => tester.api.pool.query(`update webhook_deliveries set due_at = now()`);
const arrived = (n: number) => waitUntil(`${n} messages`, () => receiver.received.length >= n);
const ended = (headers: Headers, { id }: Webhook, state: string) =>
  waitUntil(`all ${state}`, async () => {
    const all = await deliveriesOf(tester, headers, id);
    return all.length > 0 && all.every((one) => one.state === state) && all;
  });

describe('webhooks', () => {
  it('tell of an account’s own changes, signed, and of nobody else’s', async () => {
    const owner = await tester.account(5_000n);
    const webhook = await subscribe(tester, owner, { url: receiver.url });
    send();
    const action = await tester.open(owner);
    await tester.open(await tester.account(5_000n));
    const [delivery] = await ended(owner, webhook, 'delivered');
    expect(receiver.received).toHaveLength(1);
    const [received] = receiver.received;
    if (received === undefined) throw new Error('nothing came');
    expect(messageOf(received)).toMatchObject({
      type: 'action.paid',
      data: { actionId: action.id, state: 'PAID', attempt: 1 },
    });
    expect(verified(received, webhook.key)).toEqual([0]);
    expect(received.headers['webhook-id']).toBe(delivery?.messageId);
    expect(delivery?.tries).toMatchObject([{ status: 200, error: null }]);
    expect(
      Math.abs(Number(received.headers['webhook-timestamp']) - Date.now() / 1000),
    ).toBeLessThan(60);
  });

  it('are filtered by event, and each endpoint gets its own', async () => {
    const owner = await tester.account(5_000n);
    const all = await subscribe(tester, owner, { url: `${receiver.url}/all` });
    await subscribe(tester, owner, { url: `${receiver.url}/failed`, events: ['action.failed'] });
    await subscribe(tester, owner, { url: `${receiver.url}/off`, events: ['withdrawal.*'] });
    send();
    await tester.open(owner);
    await tester.failed(owner);
    await ended(owner, all, 'delivered');
    await arrived(3);
    const got = receiver.received.map((one) => `${one.path} ${messageOf(one).type}`).sort();
    expect(got).toEqual(['/all action.failed', '/all action.paid', '/failed action.failed']);
  });

  it('v1a: the receiver verifies with a public key', async () => {
    const owner = await tester.account(5_000n);
    const webhook = await subscribe(tester, owner, { url: receiver.url, signing: 'v1a' });
    expect(webhook.key).toMatch(/^whpk_/);
    send();
    await tester.open(owner);
    await arrived(1);
    expect(receiver.received.map((one) => verified(one, webhook.key))).toEqual([[0]]);
  });

  it.each(['v1', 'v1a'])(
    '%s: a new secret signs beside the old one, until the overlap ends',
    async (signing) => {
      const owner = await tester.account(9_000n);
      const webhook = await subscribe(tester, owner, { url: receiver.url, signing });
      const url = `/v1/webhooks/${webhook.id}/rotate`;
      const key = { ...owner, 'idempotency-key': `rotate-${signing}` };
      const rotated = webhookWithKeyAnswer.parse((await tester.post(url, {}, key)).json);
      const again = await tester.post(url, {}, key);
      expect(webhookWithKeyAnswer.parse(again.json).key).toBe(rotated.key);
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(rotated.key).not.toBe(webhook.key);
      send();
      await tester.open(owner);
      await arrived(1);
      const [both] = receiver.received;
      if (both === undefined) throw new Error('nothing came');
      expect([verified(both, rotated.key), verified(both, webhook.key)]).toEqual([[0], [1]]);
      await tester.api.pool.query('update webhook_endpoints set old_secret_until = now()');
      await tester.open(owner, { ...NEW_POST, args: { title: 'after the overlap' } });
      await arrived(2);
      const last = receiver.received[1];
      if (last === undefined) throw new Error('nothing came');
      expect([verified(last, rotated.key), verified(last, webhook.key)]).toEqual([[0], []]);
    },
  );

  it('keep no secret that can be read', async () => {
    const owner = await tester.account();
    const { key } = await subscribe(tester, owner, { url: receiver.url });
    const { rows } = await tester.api.pool.query<{ secret: Buffer }>(
      'select secret from webhook_endpoints',
    );
    const raw = Buffer.from(key.replace('whsec_', ''), 'base64');
    expect(rows.map(({ secret }) => secret.includes(raw) || secret.includes(key))).toEqual([false]);
  });

  it('are sent again with the same id when the receiver was away, redirected or failed', async () => {
    const owner = await tester.account(5_000n);
    const webhook = await subscribe(tester, owner, { url: receiver.url });
    receiver.answer(500, 302, undefined, 200);
    send();
    await tester.open(owner);
    for (const n of [1, 2, 3, 4]) {
      await arrived(n);
      await waitUntil('recorded', async () => {
        const [one] = await deliveriesOf(tester, owner, webhook.id);
        return one?.tries.length === n;
      });
      await hurry();
    }
    const [delivery] = await ended(owner, webhook, 'delivered');
    expect(delivery?.tries.map(({ error }) => error)).toEqual([
      ...['answered 500', 'answered 302', 'no answer within 1000 ms', null],
    ]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(receiver.received.every(({ path }) => path === '/')).toBe(true);
  });

  it('survive a crash between sending and recording: the message comes again, with its id', async () => {
    const owner = await tester.account(5_000n);
    const webhook = await subscribe(tester, owner, { url: receiver.url });
    let isSent = false;
    armFailpoints(['after-webhook-before-record'], () => {
      isSent = true;
      return new Promise(() => undefined);
    });
    const dying = newSender(tester);
    dying.start();
    await tester.open(owner);
    await waitUntil('it is sent, and not recorded', () => isSent);
    // Not awaited: it hangs where a process would have died.
    void dying.stop();
    armFailpoints([]);
    send();
    expect(await deliveriesOf(tester, owner, webhook.id)).toMatchObject([
      { state: 'waiting', tries: [] },
    ]);
    await tester.api.pool.query(`update webhook_deliveries set leased_until = now()`);
    const [delivery] = await ended(owner, webhook, 'delivered');
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      ...[delivery?.messageId, delivery?.messageId],
    ]);
  });

  it('a slow endpoint delays no other', async () => {
    const owner = await tester.account(100_000n);
    const slow = await startReceiver();
    slow.answer(undefined);
    const slowOne = await subscribe(tester, owner, { url: slow.url });
    const fast = await subscribe(tester, owner, { url: receiver.url });
    for (let n = 0; n < 20; n += 1) {
      await tester.open(owner, { ...NEW_POST, args: { title: `post ${n}` } });
    }
    const startedAt = performance.now();
    send();
    await ended(owner, fast, 'delivered');
    expect(receiver.received).toHaveLength(20);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    const states = (await deliveriesOf(tester, owner, slowOne.id)).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['waiting']));
    // At most two at once before it failed.
    expect(slow.received.length).toBeLessThanOrEqual(12);
    await slow.stop();
  });
});

describe('a webhook that fails', () => {
  it('is given up after a day of tries; after five days without success the endpoint is disabled, and others are told', async () => {
    const owner = await tester.account(9_000n);
    const gone = await startReceiver();
    gone.answer(500);
    const failing = await subscribe(tester, owner, { url: gone.url, events: ['action.*'] });
    const other = await subscribe(tester, owner, { url: receiver.url, events: ['webhook.*'] });
    await tester.open(owner);
    await tester.api.pool.query(
      `update webhook_deliveries set tries = 11;
       update webhook_endpoints set failing_since = now() - interval '5 days 1 second' where id = '${failing.id}'`,
    );
    send();
    await arrived(1);
    const [message] = receiver.received;
    if (message === undefined) throw new Error('nothing came');
    expect(messageOf(message)).toMatchObject({
      type: 'webhook.disabled',
      data: { endpoint: failing.id, because: 'failing', lastError: 'answered 500' },
    });
    expect(await deliveriesOf(tester, owner, failing.id)).toMatchObject([{ state: 'given_up' }]);
    const read = await tester.get(`/v1/webhooks/${failing.id}`, owner);
    expect(read.json).toMatchObject({ disabledBecause: 'failing', lastError: 'answered 500' });

    // Nothing is sent while it is disabled; afterwards what was missed is, on request.
    await tester.open(owner, { ...NEW_POST, args: { title: 'meanwhile' } });
    gone.reset();
    const enabled = { method: 'PATCH', url: `/v1/webhooks/${failing.id}`, headers: owner } as const;
    expect((await tester.ask({ ...enabled, body: { enabled: true } })).json).toMatchObject({
      disabledBecause: null,
    });
    const replayed = async (preview: boolean): Promise<number> => {
      const body = { since: '2020-01-01T00:00:00Z', preview };
      const answer = await tester.post(`/v1/webhooks/${failing.id}/replay`, body, owner);
      return webhookReplayAnswer.parse(answer.json).count;
    };
    expect([await replayed(true), await replayed(false)]).toEqual([2, 2]);
    await ended(owner, failing, 'delivered');
    expect(gone.received).toHaveLength(2);
    expect(await replayed(true)).toBe(0);
    expect((await deliveriesOf(tester, owner, other.id)).length).toBe(1);
    await gone.stop();
  });

  it('is disabled at once where the receiver says 410', async () => {
    const owner = await tester.account(9_000n);
    const webhook = await subscribe(tester, owner, { url: receiver.url });
    receiver.answer(410);
    send();
    await tester.open(owner);
    await waitUntil('disabled', async () => {
      const { json } = await tester.get(`/v1/webhooks/${webhook.id}`, owner);
      return webhookWithKeyAnswer.omit({ key: true }).parse(json).disabledBecause === 'gone';
    });
  });
});

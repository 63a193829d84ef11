import { webhookWithKeyAnswer } from '@quittance/sdk/answers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startReceiver, type WebhookReceiver } from '../../../../support/webhook-receiver.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { ApiTester } from '../tester.helper.js';
import { messageOf, newSender, subscribe } from './webhooks.helper.js';

let tester: ApiTester;
let receiver: WebhookReceiver;

beforeAll(async () => {
  tester = await ApiTester.start();
  receiver = await startReceiver();
});
afterEach(async () => {
  receiver.reset();
  await tester.api.pool.query('delete from webhook_endpoints');
});
afterAll(async () => {
  await receiver.stop();
  await tester.close();
});

describe('routes of webhooks', () => {
  it('belong to their account', async () => {
    const owner = await tester.account();
    const { id } = await subscribe(tester, owner, { url: receiver.url });
    const other = await tester.account();
    for (const [method, url, body] of [
      ['GET', `/v1/webhooks/${id}`, undefined],
      ['PATCH', `/v1/webhooks/${id}`, { enabled: false }],
      ['DELETE', `/v1/webhooks/${id}`, undefined],
      ['GET', `/v1/webhooks/${id}/deliveries`, undefined],
      ['POST', `/v1/webhooks/${id}/rotate`, {}],
      ['POST', `/v1/webhooks/${id}/test`, {}],
      ['POST', `/v1/webhooks/${id}/replay`, { since: '2020-01-01T00:00:00Z' }],
    ] as const) {
      await tester.refuses({ method, url, headers: other, body }, 'webhook.not_found');
    }
  });

  it('refuse addresses of ours, and more than ten', async () => {
    const owner = await tester.account();
    const asked = (url: string) =>
      ({ method: 'POST', url: '/v1/webhooks', headers: owner, body: { url } }) as const;
    for (const url of ['http://10.0.0.1/', 'https://[::1]/', 'https://169.254.169.254/', 'x']) {
      await tester.refuses(asked(url), 'webhook.address_refused');
    }
    for (let n = 0; n < 10; n += 1) await subscribe(tester, owner, { url: receiver.url });
    await tester.refuses(asked(receiver.url), 'webhook.too_many');
  });

  it('the same request creates one endpoint, with one key', async () => {
    const owner = { ...(await tester.account()), 'idempotency-key': 'once' };
    const first = await subscribe(tester, owner, { url: receiver.url });
    const again = await tester.post('/v1/webhooks', { url: receiver.url }, owner);
    expect(again.status).toBe(200);
    expect(webhookWithKeyAnswer.parse(again.json)).toEqual(first);
  });

  it('a test message arrives, and a deleted endpoint gets nothing', async () => {
    const owner = await tester.account(9_000n);
    const webhook = await subscribe(tester, owner, { url: receiver.url, events: ['withdrawal.*'] });
    const sender = newSender(tester);
    sender.start();
    await tester.post(`/v1/webhooks/${webhook.id}/test`, {}, owner);
    await waitUntil('the message', () => receiver.received.length >= 1);
    expect(receiver.received.map((one) => messageOf(one).type)).toEqual(['webhook.test']);
    await tester.ask({ method: 'DELETE', url: `/v1/webhooks/${webhook.id}`, headers: owner });
    expect((await tester.get('/v1/webhooks', owner)).json).toEqual({ webhooks: [] });
    await sender.stop();
  });
});

import { noticePageAnswer, pushSubscriptionsAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runEffects } from '../../../../engine/actions/run-effects.js';
import { ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;
beforeAll(async () => {
  tester = await ApiTester.start({ pushPublicKey: 'the-key' });
});
afterAll(() => tester.close());

type Page = z.output<typeof noticePageAnswer>;

async function list(headers: Headers, query = ''): Promise<Page> {
  const answer = await tester.get(`/v1/notices${query}`, headers);
  expect(answer.status, answer.text).toBe(200);
  return noticePageAnswer.parse(answer.json);
}

const unread = async (headers: Headers): Promise<unknown> =>
  (await tester.get('/v1/notices/unread', headers)).json;

/** An author of a post with so many replies, told of them. */
async function answered(replies: number): Promise<Headers> {
  const author = await tester.account(100_000n);
  const { result } = await tester.open(author);
  for (let n = 0; n < replies; n += 1) {
    const args = { kind: 'comment', parentId: result['itemId'], text: `reply ${n}` };
    await tester.open(await tester.account(100_000n), { type: 'ITEM_CREATE', args });
  }
  while ((await runEffects(tester.api.engine, { url: 'http://site.example' })) > 0);
  return author;
}

it('notices are listed page by page, the newest first, each once', async () => {
  const author = await answered(5);
  const found: Page['notices'] = [];
  let query = '?limit=2';
  for (;;) {
    const { notices, nextCursor } = await list(author, query);
    found.push(...notices);
    if (nextCursor === null) break;
    query = `?limit=2&cursor=${nextCursor}`;
  }
  expect(found.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'REPLY'));
  expect(new Set(found.map(({ id }) => id)).size).toBe(5);
  const times = found.map(({ at }) => at);
  expect(times).toEqual(times.toSorted().reverse());
});

it('what was read is not counted, and what was dismissed is gone', async () => {
  const author = await answered(3);
  expect(await unread(author)).toEqual({ unread: 3 });
  const { notices } = await list(author);
  const dismissed = await tester.post(`/v1/notices/${notices[0]?.id}/dismiss`, {}, author);
  expect(dismissed.json).toEqual({ unread: 2 });
  const read = await tester.post('/v1/notices/read', { through: notices[2]?.at }, author);
  expect(read.json).toEqual({ unread: 1 });
  expect((await list(author)).notices.map((one) => one.read)).toEqual([false, true]);
  expect((await tester.post('/v1/notices/read', {}, author)).json).toEqual({ unread: 0 });
  await tester.refuses(
    {
      method: 'POST',
      url: `/v1/notices/${notices[1]?.id}/dismiss`,
      headers: await tester.account(),
      body: {},
    },
    'notice.not_found',
  );
});

it('a failed payment is among them until it is dismissed', async () => {
  const payer = await tester.account();
  const { id } = await tester.failed(payer);
  const failed = { kind: 'FAILED_PAYMENT', actionId: id, attempt: 1, id: null };
  expect((await list(payer)).notices).toMatchObject([failed]);
  expect(await unread(payer)).toEqual({ unread: 1 });
  const wrong = { method: 'POST', url: `/v1/actions/${id}/dismiss`, headers: payer } as const;
  await tester.refuses({ ...wrong, body: { attempt: 2 } }, 'notice.not_found');
  const done = await tester.post(`/v1/actions/${id}/dismiss`, { attempt: 1 }, payer);
  expect(done.json).toEqual({ unread: 0 });
  expect((await list(payer)).notices).toEqual([]);
});

describe('devices', () => {
  const endpoint = 'https://push.example/send/abc';
  const keys = {
    p256dh:
      'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  };

  it('subscribe, once each, and unsubscribe', async () => {
    const headers = await tester.account();
    for (let times = 0; times < 2; times += 1) {
      const answer = await tester.post('/v1/push', { endpoint, keys }, headers);
      expect(answer.status, answer.text).toBe(200);
    }
    const listed = async (): Promise<z.output<typeof pushSubscriptionsAnswer>> =>
      pushSubscriptionsAnswer.parse((await tester.get('/v1/push', headers)).json);
    const { publicKey, subscriptions } = await listed();
    expect(publicKey).toBe('the-key');
    expect(subscriptions).toMatchObject([{ endpoint }]);
    const url = `/v1/push/${subscriptions[0]?.id}`;
    expect((await tester.ask({ method: 'DELETE', url, headers })).status).toBe(200);
    expect((await listed()).subscriptions).toEqual([]);
  });

  it.each([
    { endpoint: 'http://push.example/x', keys },
    { endpoint: 'https://127.0.0.1/x', keys },
    { endpoint: 'https://[::1]/x', keys },
    { endpoint: 'https://2130706433/x', keys },
    { endpoint: 'https://push.example:8443/x', keys },
    { endpoint: 'https://user:secret@push.example/x', keys },
    { endpoint: 'file:///etc/passwd', keys },
    { endpoint: `https://push.example/${'x'.repeat(1_000)}`, keys },
    { endpoint, keys: { ...keys, auth: 'AAAA' } },
    { endpoint, keys: { ...keys, p256dh: 'B'.repeat(87) } },
  ])('at another address, or with other keys, are refused: %j', async (body) => {
    const headers = await tester.account();
    await tester.refuses({ method: 'POST', url: '/v1/push', headers, body }, 'request.invalid');
  });
});

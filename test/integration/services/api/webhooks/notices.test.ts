import { noticePageAnswer } from '@quittance/sdk/answers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NOTICE_KINDS } from '../../../../../domain/notices/kinds.js';
import { transact } from '../../../../../engine/context.js';
import { runEffects } from '../../../../../engine/actions/run-effects.js';
import { enqueueEvent } from '../../../../../engine/outbox.js';
import type { WebhookSender } from '../../../../../services/relay/webhooks/sender.js';
import { startReceiver, type WebhookReceiver } from '../../../../support/webhook-receiver.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { ApiTester, type Headers } from '../tester.helper.js';
import { deliveriesOf, messageOf, newSender, subscribe } from './webhooks.helper.js';

let tester: ApiTester;
let receiver: WebhookReceiver;
let sender: WebhookSender;

beforeAll(async () => {
  tester = await ApiTester.start();
  receiver = await startReceiver();
  sender = newSender(tester);
  sender.start();
});
afterEach(async () => {
  receiver.reset();
  await tester.api.pool.query('delete from webhook_endpoints');
});
afterAll(async () => {
  await sender.stop();
  await receiver.stop();
  await tester.close();
});

const rich = (): Promise<Headers> => tester.account(1_000_000_000n);
const noticesOf = async (headers: Headers) =>
  noticePageAnswer.parse((await tester.get('/v1/notices', headers)).json).notices;

async function doEffects(): Promise<void> {
  while ((await runEffects(tester.api.engine, { url: 'http://site.example' })) > 0);
}

async function item(headers: Headers, args: object = {}): Promise<string> {
  posts += 1;
  const request = { type: 'ITEM_CREATE', args: { title: `A post ${posts}`, ...args } };
  return (await tester.open(headers, request)).result['itemId'] ?? '';
}
let posts = 0;

const comment = (headers: Headers, parentId: string, text = 'A reply') =>
  tester.open(headers, { type: 'ITEM_CREATE', args: { kind: 'comment', parentId, text } });
const zap = (headers: Headers, itemId: string, sats = 10) =>
  tester.open(headers, { type: 'ZAP', args: { itemId, sats } });

/** What came to each path, in order: the type, and what it says. */
const got = () =>
  receiver.received.map((one) => {
    const { type, data } = messageOf(one);
    return { path: one.path, type, data };
  });

describe('notices are events', () => {
  it('of their kind, as they are listed, and only for the account that is told', async () => {
    const [author, answerer] = [await rich(), await rich()];
    await subscribe(tester, author, { url: `${receiver.url}/own`, events: ['notice.*'] });
    await subscribe(tester, answerer, { url: `${receiver.url}/other` });
    const post = await item(author);
    await comment(answerer, post);
    await doEffects();
    await waitUntil('both came', () => receiver.received.length >= 2);
    const [notice] = await noticesOf(author);
    if (notice === undefined) throw new Error('nothing was told');
    const { kind, id, itemId, actionId, by, amountMsat, times, detail, at } = notice;
    const listed = { kind, id, itemId, actionId, by, amountMsat, times, detail, at };
    const own = got().filter(({ path }) => path === '/own');
    expect(own).toEqual([{ path: '/own', type: 'notice.reply', data: listed }]);
    expect(listed).toMatchObject({ kind: 'REPLY', itemId: expect.any(String) as string });
    expect(got().filter(({ path }) => path === '/other')).toMatchObject([{ type: 'action.paid' }]);
  });

  it('are filtered by kind', async () => {
    const author = await rich();
    const paths = {
      '/zaps': 'notice.zap',
      '/replies': 'notice.reply',
      '/deposits': 'notice.deposit',
    };
    for (const [path, event] of Object.entries(paths)) {
      await subscribe(tester, author, { url: receiver.url + path, events: [event] });
    }
    const all = await subscribe(tester, author, { url: `${receiver.url}/all`, events: ['*'] });
    const post = await item(author);
    await comment(await rich(), post);
    await zap(await rich(), post);
    await doEffects();
    await waitUntil('all came', () => receiver.received.length >= 5);
    const came = got().map(({ path, type }) => `${path} ${type}`);
    expect(came.sort()).toEqual([
      ...['/all action.paid', '/all notice.reply', '/all notice.zap'],
      ...['/replies notice.reply', '/zaps notice.zap'],
    ]);
    expect(await deliveriesOf(tester, author, all.id)).toHaveLength(3);
    for (const kind of NOTICE_KINDS) {
      const body = { url: receiver.url, events: [`notice.${kind.toLowerCase()}`] };
      if (kind !== 'FAILED_PAYMENT') await subscribe(tester, await tester.account(), body);
    }
    for (const events of [['notice.failed_payment'], ['notice.nothing'], ['notice']]) {
      const request = { method: 'POST', url: '/v1/webhooks', headers: author } as const;
      await tester.refuses({ ...request, body: { url: receiver.url, events } }, 'request.invalid');
    }
  });

  it('each time that one grows, with its sum; not when it is read or dismissed', async () => {
    const [author, fan] = [await rich(), await rich()];
    const webhook = await subscribe(tester, author, { url: receiver.url, events: ['notice.*'] });
    const post = await item(author);
    for (const sats of [10, 20]) {
      await zap(fan, post, sats);
      await doEffects();
    }
    const [notice] = await noticesOf(author);
    await tester.post('/v1/notices/read', {}, author);
    await tester.post(`/v1/notices/${notice?.id}/dismiss`, {}, author);
    await zap(fan, post, 30);
    await doEffects();
    await waitUntil('they came', () => receiver.received.length >= 3);
    const said = got().map(({ data }) => [data['times'], data['amountMsat']]);
    expect(said.sort()).toEqual([
      [1, '7000'],
      [2, '21000'],
      [3, '42000'],
    ]);
    expect(await deliveriesOf(tester, author, webhook.id)).toHaveLength(3);
  });

  it('not of whom the account mutes, and votes do not say whose they are', async () => {
    const [author, other] = [await rich(), await rich()];
    const poll = await item(author, { kind: 'poll', options: ['this', 'that'] });
    const webhook = await subscribe(tester, author, { url: receiver.url, events: ['notice.*'] });
    const { rows } = await tester.api.pool.query<{ id: bigint; voter: string }>(
      `select o.id, a.name as voter from poll_options o, accounts a
       where o.item_id = $1 order by o.id, a.created_at desc limit 1`,
      [poll],
    );
    const vote = { itemId: poll, optionId: rows[0]?.id.toString() };
    await tester.open(other, { type: 'POLL_VOTE', args: vote });
    await doEffects();
    await waitUntil('the vote came', () => receiver.received.length >= 1);
    expect(got()).toMatchObject([{ type: 'notice.poll_vote', data: { by: null, actionId: null } }]);
    await tester.api.pool.query(
      `insert into mutes (account, muted) select n.account, i.author from notices n, items i
       where n.item_id = $1 and i.id = $2`,
      [poll, await item(other)],
    );
    await comment(other, poll, 'unheard');
    await doEffects();
    expect(await deliveriesOf(tester, author, webhook.id)).toHaveLength(1);
  });
});

describe('an endpoint that is disabled', () => {
  const failing = async (id: string): Promise<void> => {
    await tester.api.pool.query(
      `update webhook_endpoints set failing_since = now() - interval '5 days 1 second' where id = $1`,
      [id],
    );
  };
  const disabled = (headers: Headers, id: string, because: string) =>
    waitUntil('it is disabled', async () => {
      const { json } = await tester.get(`/v1/webhooks/${id}`, headers);
      return (json as { disabledBecause: unknown }).disabledBecause === because;
    });

  it('is told of to its owner, who has no other, once for each time', async () => {
    const owner = await rich();
    const url = `${receiver.url}/gone`;
    const { id } = await subscribe(tester, owner, { url });
    receiver.answer(500);
    await failing(id);
    for (let n = 0; n < 2; n += 1) await item(owner);
    await disabled(owner, id, 'failing');
    expect(await noticesOf(owner)).toMatchObject([
      {
        ...{ kind: 'WEBHOOK_DISABLED', read: false, by: null, itemId: null },
        detail: { endpoint: id, url, because: 'failing', lastError: 'answered 500' },
      },
    ]);
    expect((await tester.get('/v1/notices/unread', owner)).json).toEqual({ unread: 1 });
    const change = { method: 'PATCH', url: `/v1/webhooks/${id}`, headers: owner } as const;
    await tester.ask({ ...change, body: { enabled: true } });
    receiver.answer(410);
    await item(owner);
    await disabled(owner, id, 'gone');
    expect((await noticesOf(owner)).map(({ detail }) => detail['because'])).toEqual([
      ...['gone', 'failing'],
    ]);
  });

  it('is told of to other endpoints that ask for notices; not where its owner has done it', async () => {
    const owner = await rich();
    const gone = await subscribe(tester, owner, { url: `${receiver.url}/gone` });
    const other = `${receiver.url}/other`;
    await subscribe(tester, owner, { url: other, events: ['notice.webhook_disabled'] });
    const off = { method: 'PATCH', headers: owner, body: { enabled: false } } as const;
    await tester.ask({ ...off, url: `/v1/webhooks/${gone.id}` });
    expect(await noticesOf(owner)).toEqual([]);
    const { id } = await subscribe(tester, owner, { url: `${receiver.url}/gone` });
    receiver.answer(410, 200);
    await item(owner);
    await disabled(owner, id, 'gone');
    await waitUntil('it came', () => receiver.received.length >= 2);
    expect(got().filter(({ path }) => path === '/other')).toMatchObject([
      { type: 'notice.webhook_disabled', data: { detail: { endpoint: id, because: 'gone' } } },
    ]);
  });
});

it('what is said of transmissions comes to those who name it, and what is nobody’s to none', async () => {
  const [named, star] = [await rich(), await rich()];
  await subscribe(tester, named, { url: `${receiver.url}/named`, events: ['transmission.*'] });
  await subscribe(tester, named, { url: `${receiver.url}/ended`, events: ['transmission.ended'] });
  await subscribe(tester, star, { url: `${receiver.url}/star`, events: ['*'] });
  const subjects = [
    // Channel 3 is the administrator's.
    ...['transmissions.1.started', 'transmissions.3.started', 'transmissions.3.ended'],
    ...['intake.store.order', 'confirmations.tx.1', 'deadletters.X'],
    ...['payments.invoice.ab.held', 'actions.notice.written', 'credits.aleph.expired'],
    // Of no account, and of one that is none.
    ...['actions.zap.paid', 'credits.actions.expired'],
  ];
  const payload = { uuid: 'x', actor: null, address: 'nobody', accounts: [] };
  await transact(tester.api.engine, async (tx) => {
    for (const subject of subjects) {
      await enqueueEvent(tx, { subject, orderingKey: 'test', payload });
    }
  });
  await waitUntil('it came', () => receiver.received.length >= 1);
  // Everything is stored with its event: nothing else is on its way.
  const { rows } = await tester.api.pool.query<{ type: string; n: number }>(
    `select type, count(*)::int as n from webhook_events e join webhook_deliveries d on d.event = e.id
     join webhook_endpoints p on p.id = d.endpoint group by type`,
  );
  expect(rows).toEqual([{ type: 'transmission.started', n: 1 }]);
  expect(got().map(({ path }) => path)).toEqual(['/named']);
});

import {
  collectedTransmissionAnswer,
  openedTransmissionAnswer,
  ownAccountAnswer,
  transmissionAnswer,
  transmissionPageAnswer,
} from '@quittance/sdk/answers';
import { QuittanceClient } from '@quittance/sdk';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import { toMsat } from '../../../../domain/money.js';
import { createAccount } from '../../../../engine/accounts/accounts.js';
import { issueToken } from '../../../../engine/accounts/tokens.js';
import { transact } from '../../../../engine/context.js';
import { confirmOrder } from '../../../../engine/transmissions/apply-confirmation.js';
import { applyOrderUpdate } from '../../../../engine/transmissions/apply-order-update.js';
import { brokenRules } from '../../../support/books.js';
import { ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;
beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

interface Opened {
  readonly id: string;
  readonly url: string;
  readonly proof: Headers;
}

async function open(
  body: object = { bidMsat: '2000', text: 'hello' },
  headers: Headers = {},
): Promise<Opened> {
  const answer = await tester.post('/v1/transmissions', body, headers);
  expect(answer.status, answer.text).toBe(201);
  const { id, token } = openedTransmissionAnswer.strict().parse(answer.json);
  expect(answer.headers['location']).toBe(`/v1/transmissions/${id}`);
  return { id, url: `/v1/transmissions/${id}`, proof: { 'quittance-capability': token } };
}

async function pay({ id }: Opened, n = 1): Promise<void> {
  const { engine, pool } = tester.api;
  const { rows } = await pool.query<{ hash: string; amount: bigint }>(
    'select hash, amount_msat as amount from invoices where order_id = $1 and order_bid = $2',
    [id, n],
  );
  const { hash = '', amount = 0n } = rows[0] ?? {};
  const update = { hash, state: 'settled', receivedMsat: toMsat(amount) } as const;
  await transact(engine, (tx) => applyOrderUpdate(tx, id, update, 'other'));
}

const read = async ({ url, proof }: Opened) =>
  transmissionAnswer.strict().parse((await tester.get(url, proof)).json);

describe('/v1/transmissions', () => {
  it('opens one whose invoice is paid, and shows the progress of each region', async () => {
    const opened = await open({ bidMsat: '2000', text: 'hello', regions: [0, 2] });
    expect(await read(opened)).toMatchObject({
      state: 'pending',
      unpaidBidMsat: '2000',
      invoices: [{ amountMsat: '2000', state: 'open', bolt11: expect.any(String) as string }],
    });
    await pay(opened);
    const { engine } = tester.api;
    await transact(engine, (tx) => confirmOrder(tx, opened.id, { kind: 'tx', regions: [2] }));
    const view = await read(opened);
    expect(view.regions.map(({ region, sent, received }) => [region, sent, received])).toEqual([
      [0, 'no', 'no'],
      [2, 'confirmed', 'no'],
    ]);
    await transact(engine, (tx) => confirmOrder(tx, opened.id, { kind: 'tx', regions: [0] }));
    await transact(engine, (tx) => confirmOrder(tx, opened.id, { kind: 'rx', regions: [0] }));
    expect((await read(opened)).regions.map(({ received }) => received)).toEqual([
      'confirmed',
      'presumed',
    ]);
  });

  it('the same key opens it once, with its token', async () => {
    const headers = {
      'idempotency-key': randomUUID(),
      'quittance-client-secret': randomUUID(),
    };
    const body = { bidMsat: '2000', text: 'once' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => tester.post('/v1/transmissions', body, headers)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...Array<number>(7).fill(200),
      201,
    ]);
    const opened = answers.map(({ json }) => openedTransmissionAnswer.parse(json));
    expect(new Set(opened.map(({ id, token }) => `${id} ${token}`)).size).toBe(1);
    const other = { ...body, text: 'twice' };
    await tester.refuses(
      { method: 'POST', url: '/v1/transmissions', headers, body: other },
      'idempotency.body_differs',
    );
  });

  it('a draft stands for the bytes, once', async () => {
    const message = Buffer.from([0, 255, 1]).toString('base64');
    const draft = await tester.post('/v1/transmissions/drafts', { message });
    expect(draft.status, draft.text).toBe(201);
    const { draftId } = draft.json as { draftId: string };
    const body = { bidMsat: '2000', draftId };
    expect((await read(await open(body))).sizeBytes).toBe(3);
    await tester.refuses(
      { method: 'POST', url: '/v1/transmissions', body },
      'transmission.draft_not_found',
    );
  });

  it('helpers who only read change nothing of others', async () => {
    const opened = await open();
    const support = await inTransaction(tester.api.pool, async (tx) => {
      const { id } = await createAccount(tx, { name: 'desk', role: 'support' });
      return { authorization: `Bearer ${await issueToken(tx, id, 'desk')}` };
    });
    expect((await tester.get(opened.url, support)).status).toBe(200);
    const ask = (url: string, body: object) =>
      ({ method: 'POST', url, body, headers: support }) as const;
    await tester.refuses(ask(`${opened.url}/cancel`, {}), 'transmission.unauthorized');
    const bump = { amountMsat: '1000' };
    await tester.refuses(ask(`${opened.url}/bump`, bump), 'transmission.unauthorized');
    const free = { text: 'hello', channel: 3 };
    await tester.refuses(ask('/v1/transmissions', free), 'transmission.channel_not_allowed');
    expect((await tester.post(`${opened.url}/cancel`, {}, tester.operator)).status).toBe(200);
  });

  it('operators send on channels that cost nothing', async () => {
    const body = { channel: 3, text: 'x' };
    await tester.refuses(
      { method: 'POST', url: '/v1/transmissions', body },
      'transmission.channel_not_allowed',
    );
    const opened = await open(body, tester.operator);
    expect(await read(opened)).toMatchObject({ channel: 3, minBidMsat: '0', invoices: [] });
    await tester.refuses(
      { method: 'GET', url: '/v1/transmissions?channel=3' },
      'transmission.channel_not_allowed',
    );
    expect((await tester.get('/v1/transmissions?channel=3', tester.operator)).status).toBe(200);
  });

  it('is bumped and cancelled by its token, before it is sent', async () => {
    const opened = await open();
    const bump = await tester.post(`${opened.url}/bump`, { amountMsat: '500' }, opened.proof);
    expect(transmissionAnswer.parse(bump.json)).toMatchObject({ unpaidBidMsat: '2500' });
    const cancelled = await tester.post(`${opened.url}/cancel`, {}, opened.proof);
    expect(transmissionAnswer.parse(cancelled.json).state).toBe('cancelled');
    for (const [path, body] of [
      ['cancel', {}],
      ['bump', { amountMsat: '1' }],
    ] as const) {
      const asked = { method: 'POST', url: `${opened.url}/${path}`, body } as const;
      await tester.refuses({ ...asked, headers: opened.proof }, 'transmission.too_late');
      await tester.refuses(asked, 'transmission.unauthorized');
    }
  });

  it.each(['CREDITS', 'SATS'] as const)(
    'what was paid for one cancelled is collected as %s, once',
    async (asset) => {
      // The channel is busy, so that it waits.
      await pay(await open());
      const opened = await open();
      await pay(opened);
      await tester.post(`${opened.url}/cancel`, {}, opened.proof);
      expect(await read(opened)).toMatchObject({ state: 'cancelled', owedMsat: '2000' });
      const account = await tester.account();
      const url = `${opened.url}/claims/collect`;
      await tester.refuses(
        { method: 'POST', url, body: { asset }, headers: account },
        'transmission.unauthorized',
      );
      const headers = { ...account, ...opened.proof };
      const answer = await tester.post(url, { asset }, headers);
      expect(collectedTransmissionAnswer.strict().parse(answer.json)).toMatchObject({
        collectedMsat: '2000',
        owedMsat: '0',
      });
      const own = ownAccountAnswer.parse((await tester.get('/v1/accounts/me', account)).json);
      expect([own.creditsMsat, own.satsMsat]).toEqual(
        asset === 'SATS' ? ['0', '2000'] : ['2000', '0'],
      );
      await tester.refuses(
        { method: 'POST', url, body: { asset }, headers },
        'transmission.nothing_owed',
      );
    },
  );

  it.each([
    [{ bidMsat: '999', text: 'x' }, 'transmission.bid_too_low'],
    [{ bidMsat: '9007199254740992', text: 'x' }, 'transmission.bid_too_high'],
    [{ bidMsat: '2000', text: '' }, 'transmission.message_invalid'],
    [{ bidMsat: '2000', channel: 2, text: 'x' }, 'transmission.channel_not_allowed'],
    [{ bidMsat: '2000' }, 'request.invalid'],
    [{ bidMsat: '2000', text: 'x', message: 'eA==' }, 'request.invalid'],
    [{ bidMsat: '2000', message: '???' }, 'request.invalid'],
    [{ bidMsat: '2000', text: 'x', regions: [6] }, 'request.invalid'],
  ] as const)('%j is refused', async (body, code) => {
    await tester.refuses({ method: 'POST', url: '/v1/transmissions', body }, code);
  });

  it('lists those of a channel, newest first, by pages', async () => {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer = await tester.get(`/v1/transmissions?limit=3${query}`);
      const page = transmissionPageAnswer.strict().parse(answer.json);
      ids.push(...page.transmissions.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(ids).toHaveLength(await tester.count('orders where channel = 1'));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has a client', async () => {
    const token = (await tester.account())['authorization']?.slice('Bearer '.length) ?? '';
    const client = new QuittanceClient({ baseUrl: tester.api.url, token });
    const { draftId } = await client.transmissions.storeDraft(new Uint8Array(20_000).fill(7));
    const opened = await client.transmissions.open({ draftId, bidMsat: '30000', regions: [1] });
    const { id } = opened.transmission;
    const options = { transmissionToken: opened.token };
    await client.transmissions.bump(id, '1', options);
    expect(await client.transmissions.get(id, options)).toMatchObject({
      unpaidBidMsat: '30001',
      sizeBytes: 20_000,
    });
    expect((await client.transmissions.cancel(id, options)).state).toBe('cancelled');
    expect((await client.transmissions.list({ limit: 1 })).transmissions[0]?.id).toBe(id);
  });
});

describe('what operators see', () => {
  it('orders that gave up', async () => {
    const opened = await open();
    await pay(opened);
    await tester.api.pool.query(
      `update orders set gave_up_at = now() where id = (select id from orders where state = 'transmitting' limit 1)`,
    );
    const answer = await tester.get('/v1/operator/transmissions', tester.operator);
    expect(answer.json).toMatchObject({
      gaveUp: [{ channel: 1, retransmissions: 0 }],
      looseInvoices: [],
    });
    expect((await tester.get('/v1/operator/transmissions')).status).toBe(401);
    await tester.api.pool.query('update orders set gave_up_at = null');
  });
});

describe('bytes that nobody has paid for', () => {
  it('are bounded per address and in sum; the address with the most gives way', async () => {
    const { engine } = tester.api;
    // What other tests have left.
    await tester.api.pool.query(
      `delete from order_drafts; update orders set origin = null; update attempts set origin = null`,
    );
    const { placeOrder } = await import('../../../../engine/transmissions/open-order.js');
    const limited = {
      ...engine,
      limits: { ...engine.limits, unpaidBytesPerOrigin: 10_000, unpaidBytes: 15_000 },
    };
    const place = async (size: number, who: number) => {
      const placed = await placeOrder(limited, {
        ...{ channel: 1, message: Buffer.alloc(size, 1), bidMsat: toMsat(50_000n), regions: 63 },
        origin: Buffer.alloc(16, who),
      });
      return 'failed' in placed ? placed.failed : placed.order.id;
    };
    const first = await place(9000, 1);
    await expect(place(2000, 1)).rejects.toMatchObject({ code: 'transmission.too_many_unpaid' });
    await place(5000, 2);
    await place(3000, 3);
    const { rows } = await tester.api.pool.query<{ state: string }>(
      'select state from orders where id = $1',
      [first],
    );
    expect(rows[0]?.state).toBe('expired');
  });
});

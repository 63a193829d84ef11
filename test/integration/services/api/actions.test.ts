import { actionAnswer, actionPageAnswer, openedAnswer } from '@quittance/sdk/answers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { ApiTester, NEW_POST, POST_ARGS } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterEach(() => tester.api.simulator.control.clearFaults());
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

describe('opening an action', () => {
  it('is paid at once if credits cover it', async () => {
    const headers = await tester.account(1_000n);
    const answer = await tester.post('/v1/actions', NEW_POST, headers);
    expect(answer.status).toBe(201);
    const action = openedAnswer.strict().parse(answer.json);
    expect(action).toMatchObject({ state: 'PAID', costMsat: '1000', args: POST_ARGS });
    expect(action.capability).toBeUndefined();
    expect(answer.headers['location']).toBe(`/v1/actions/${action.id}`);
    expect(answer.headers['cache-control']).toBe('no-store');
    const me = await tester.get('/v1/accounts/me', headers);
    expect(me.json).toMatchObject({ creditsMsat: '0' });
  });

  it('gives an invoice if they do not', async () => {
    const action = await tester.open(await tester.account(), NEW_POST);
    expect(action).toMatchObject({
      state: 'PENDING',
      attempts: [{ flow: 'optimistic', invoice: { kind: 'ordinary', amountMsat: '1000' } }],
    });
    expect(action.attempts[0]?.invoice?.bolt11).toMatch(/^lnbcrt/);
  });

  it('gives an invoice with the expiry that was asked for', async () => {
    const body = { ...NEW_POST, invoiceExpirySeconds: 33 };
    const action = await tester.open(await tester.account(), body);
    const [attempt] = action.attempts;
    const lasts =
      Date.parse(attempt?.invoice?.expiresAt ?? '') - Date.parse(attempt?.openedAt ?? '');
    expect(Math.abs(lasts - 33_000)).toBeLessThan(2_000);
  });

  it('is answered 202 while the node is away', async () => {
    await tester.api.simulator.control.setFaults({
      rules: [{ operation: 'create_invoice', effect: 'unavailable' }],
    });
    const answer = await tester.post('/v1/actions', NEW_POST, await tester.account());
    expect(answer.status).toBe(202);
    const action = openedAnswer.parse(answer.json);
    expect(answer.headers['location']).toBe(`/v1/actions/${action.id}`);
    expect(action).toMatchObject({
      state: 'INVOICING',
      attempts: [{ invoice: { state: 'wanted', bolt11: null, expiresAt: null } }],
    });
  });
});

describe('an action opened without a token', () => {
  it('can be read and changed with its capability only', async () => {
    const action = await tester.open({});
    expect(action).toMatchObject({ actor: null, state: 'PENDING_HELD', costMsat: '10000' });
    const { capability = '' } = action;
    const url = `/v1/actions/${action.id}`;
    const strangers = [
      {},
      { 'quittance-capability': 'wrong' },
      { 'quittance-capability': (await tester.open({})).capability ?? '' },
      await tester.account(),
    ];
    for (const headers of strangers) {
      await tester.refuses({ method: 'GET', url, headers }, 'action.not_found');
      const cancel = { method: 'POST', url: `${url}/cancel`, headers, body: {} } as const;
      await tester.refuses(cancel, 'action.not_found');
      const retry = { method: 'POST', url: `${url}/retry`, headers, body: { attempt: 1 } } as const;
      await tester.refuses(retry, 'action.not_found');
    }
    const headers = { 'quittance-capability': capability };
    const seen = await tester.get(url, headers);
    expect(seen.json).toMatchObject({ id: action.id });
    const cancelled = await tester.post(`${url}/cancel`, {}, headers);
    expect(cancelled.json).toMatchObject({ state: 'FAILED', retryable: true });
    const retried = await tester.post(`${url}/retry`, { attempt: 1 }, headers);
    expect(retried.json).toMatchObject({ state: 'PENDING_HELD', attempts: [{}, { attempt: 2 }] });
  });

  it('stores nothing of the capability but its hash', async () => {
    const { capability = '', id } = await tester.open({});
    expect(capability).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const stored = `actions where id = $1
      and capability_hash = sha256(convert_to($2, 'UTF8'))`;
    expect(await tester.count(stored, [id, capability])).toBe(1);
    expect(await tester.count(`actions a where a::text like '%' || $1 || '%'`, [capability])).toBe(
      0,
    );
  });
});

describe('an action of an account', () => {
  it('is visible to its author and operators only', async () => {
    const author = await tester.account();
    const { id } = await tester.open(author);
    const url = `/v1/actions/${id}`;
    expect((await tester.get(url, author)).status).toBe(200);
    expect(
      (await tester.get(url.toUpperCase().replace('/V1/ACTIONS', '/v1/actions'), author)).status,
    ).toBe(200);
    expect((await tester.get(url, tester.operator)).status).toBe(200);
    for (const headers of [await tester.account(), {}]) {
      await tester.refuses({ method: 'GET', url, headers }, 'action.not_found');
    }
  });

  it('is listed for its author, by state, in pages', async () => {
    const author = await tester.account(1_000n);
    const paid = await tester.open(author, { ...NEW_POST, payment: 'credits' });
    const failed = await tester.failed(author);
    const open = [await tester.open(author), await tester.open(author)];
    await tester.open(await tester.account());
    const newestFirst = [...open.reverse(), failed, paid].map(({ id }) => id);

    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = actionPageAnswer.parse(
        (await tester.get(`/v1/actions?limit=3${query}`, author)).json,
      );
      expect(page.actions.length).toBeGreaterThan(0);
      seen.push(...page.actions.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(newestFirst);

    const idsOf = async (state: string): Promise<string[]> => {
      const answer = await tester.get(`/v1/actions?state=${state}`, author);
      return actionPageAnswer.parse(answer.json).actions.map(({ id }) => id);
    };
    expect(await idsOf('paid')).toEqual([paid.id]);
    expect(await idsOf('failed')).toEqual([failed.id]);
    expect(await idsOf('open')).toEqual(newestFirst.slice(0, 2));
  });
});

describe('cancelling', () => {
  it('is answered after the node has canceled, not before', async () => {
    const author = await tester.account();
    const { id } = await tester.open(author);
    const url = `/v1/actions/${id}/cancel`;
    await tester.api.simulator.control.setFaults({
      rules: [{ operation: 'cancel_invoice', effect: 'unavailable' }],
    });
    const waiting = await tester.post(url, {}, author);
    expect(waiting.status).toBe(202);
    expect(waiting.json).toMatchObject({ state: 'CANCELLING' });
    await tester.api.simulator.control.clearFaults();
    const done = await tester.post(url, undefined, author);
    expect(done.status).toBe(200);
    expect(done.json).toMatchObject({
      state: 'FAILED',
      attempts: [{ reason: 'USER_CANCELLED', invoice: { state: 'canceled' } }],
    });
    const asked = { method: 'POST', url, headers: author, body: {} } as const;
    await tester.refuses(asked, 'action.not_cancellable');
  });
});

describe('retrying', () => {
  it('opens a new attempt with a new invoice, once per failed attempt', async () => {
    const author = await tester.account();
    const failed = await tester.failed(author);
    const url = `/v1/actions/${failed.id}/retry`;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => tester.post(url, { attempt: 1 }, author)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      ...Array<number>(7).fill(409),
    ]);
    const action = actionAnswer.parse(answers.find(({ status }) => status === 201)?.json);
    const [first, second] = action.attempts;
    expect(second).toMatchObject({ attempt: 2, state: 'PENDING' });
    expect(second?.invoice?.hash).not.toBe(first?.invoice?.hash);
    const asked = { method: 'POST', url, headers: author } as const;
    await tester.refuses({ ...asked, body: { attempt: 1 } }, 'action.retry_lost');
    await tester.refuses({ ...asked, body: { attempt: 2 } }, 'action.not_retryable');
    await tester.refuses({ ...asked, body: { attempt: 3 } }, 'action.not_retryable');
  });

  it('takes credits if they now cover the cost', async () => {
    const author = await tester.account(0n, 'latecomer');
    const { id } = await tester.failed(author);
    const grant = { amountMsat: '1000', reason: 'to try again' };
    await tester.post('/v1/accounts/latecomer/credits', grant, tester.operator);
    const answer = await tester.post(`/v1/actions/${id}/retry`, { attempt: 1 }, author);
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ state: 'PAID', attempts: [{}, { flow: 'credits' }] });
  });
});

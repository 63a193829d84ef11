import { actionAnswer, actionPageAnswer, openedAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toMsat } from '../../../../domain/money.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { brokenRules } from '../../../support/books.js';
import { type Answered, ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;
let names = 0;

beforeAll(async () => {
  tester = await ApiTester.start();
  await tester.api.simulator.wallets.open('receiver', toMsat(0n));
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

async function rich(amountMsat = '1000000'): Promise<Headers> {
  names += 1;
  const headers = await tester.account(0n, `rich-${names}`);
  const grant = { asset: 'SATS', amountMsat, reason: 'a test' };
  await tester.post(`/v1/accounts/rich-${names}/credits`, grant, tester.operator);
  return headers;
}

async function invoice(msat = 100_000n): Promise<{ bolt11: string; hash: string }> {
  const request = { amountMsat: toMsat(msat), expirySeconds: 600, memo: 'to be paid' };
  return tester.api.simulator.wallets.createInvoice('receiver', request);
}

const withdraw = (headers: Headers, body: object): Promise<Answered> =>
  tester.post('/v1/withdrawals', body, headers);

const satsOf = async (headers: Headers): Promise<unknown> =>
  (await tester.get('/v1/accounts/me', headers)).json;

describe('a withdrawal over HTTP', () => {
  it('is accepted, reserves what it may cost, and is PAID when the node has paid', async () => {
    const headers = await rich();
    const { bolt11, hash } = await invoice();
    const answer = await withdraw(headers, { bolt11: `LIGHTNING:${bolt11.toUpperCase()}` });
    expect(answer.status, answer.text).toBe(202);
    const opened = openedAnswer.strict().parse(answer.json);
    expect(opened).toMatchObject({
      ...{ type: 'WITHDRAWAL', state: 'WITHDRAWING', costMsat: '110000', retryable: false },
      attempts: [{ flow: 'withdrawal', invoice: null }],
    });
    expect(answer.headers['location']).toBe(`/v1/actions/${opened.id}`);
    expect(await satsOf(headers)).toMatchObject({ satsMsat: '890000' });
    await makeCall(tester.api.engine, 'send_payment', hash);
    const paid = (await tester.get(`/v1/actions/${opened.id}`, headers)).json;
    expect(actionAnswer.strict().parse(paid)).toMatchObject({ state: 'PAID' });
    expect(await satsOf(headers)).toMatchObject({ satsMsat: '899000' });
  });

  it('with the same key is opened once; with the key and another invoice it is refused', async () => {
    const headers = { ...(await rich()), 'idempotency-key': 'once' };
    const { bolt11 } = await invoice(10_000n);
    const body = { bolt11, maxFeeMsat: '5000' };
    const answers = await Promise.all([1, 2, 3, 4].map(() => withdraw(headers, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 202]);
    expect(new Set(answers.map(({ json }) => openedAnswer.parse(json).id)).size).toBe(1);
    expect(await satsOf(headers)).toMatchObject({ satsMsat: '985000' });
    const { bolt11: other } = await invoice(10_000n);
    await tester.refuses(
      { method: 'POST', url: '/v1/withdrawals', headers, body: { bolt11: other } },
      'idempotency.body_differs',
    );
  });

  it('never exceeds the sats with its fee, and takes no credits', async () => {
    const headers = await rich('109999');
    const { bolt11 } = await invoice();
    const asked = { method: 'POST', url: '/v1/withdrawals', headers, body: { bolt11 } } as const;
    await tester.refuses(asked, 'withdrawal.insufficient_sats');
    const exact = await withdraw(headers, { bolt11, maxFeeMsat: '9999' });
    expect(exact.status, exact.text).toBe(202);
    expect(await satsOf(headers)).toMatchObject({ satsMsat: '0' });
    const credited = await tester.account(1_000_000n);
    await tester.refuses(
      { ...asked, headers: credited, body: { bolt11: (await invoice()).bolt11 } },
      'withdrawal.insufficient_sats',
    );
  });

  it('is seen by its account only, and cannot be cancelled or tried again', async () => {
    const headers = await rich();
    const { bolt11, hash } = await invoice();
    const { id } = openedAnswer.parse((await withdraw(headers, { bolt11 })).json);
    const foreign = await tester.account();
    const url = `/v1/actions/${id}`;
    await tester.refuses({ method: 'GET', url, headers: foreign }, 'action.not_found');
    await tester.refuses(
      { method: 'POST', url: `${url}/cancel`, headers, body: {} },
      'action.not_cancellable',
    );
    await tester.api.simulator.wallets.decide('receiver', hash, 'fail');
    await makeCall(tester.api.engine, 'send_payment', hash);
    expect((await tester.get(url, headers)).json).toMatchObject({
      attempts: [{ state: 'FAILED', reason: 'WITHDRAWAL_FAILED' }],
    });
    await tester.refuses(
      { method: 'POST', url: `${url}/retry`, headers, body: { attempt: 1 } },
      'action.not_retryable',
    );
    const page = actionPageAnswer.parse((await tester.get('/v1/actions', foreign)).json);
    expect(page.actions).toEqual([]);
  });

  it('is in the list of actions, page by page', async () => {
    const headers = await rich();
    const opened: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { bolt11 } = await invoice(1_000n);
      opened.unshift(openedAnswer.parse((await withdraw(headers, { bolt11 })).json).id);
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { json } = await tester.get(`/v1/actions?limit=2${cursor}`, headers);
      const page = actionPageAnswer.parse(json);
      seen.push(...page.actions.map(({ id }) => id));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(opened);
  });
});

describe('the setting for auto-withdrawals', () => {
  const url = '/v1/withdrawals/auto';
  const put = (headers: Headers, thresholdMsat: string | null): Promise<Answered> =>
    tester.ask({ method: 'PUT', url, headers, body: { thresholdMsat } });

  it('is off at first, set, changed and turned off; each account has its own', async () => {
    const headers = await rich();
    const off = { thresholdMsat: null, failure: null };
    expect((await tester.get(url, headers)).json).toEqual(off);
    expect((await put(headers, '500000')).json).toEqual({ ...off, thresholdMsat: '500000' });
    expect((await put(headers, '0')).json).toEqual({ ...off, thresholdMsat: '0' });
    expect((await tester.get(url, headers)).json).toEqual({ ...off, thresholdMsat: '0' });
    expect((await tester.get(url, await rich())).json).toEqual(off);
    expect((await put(headers, null)).json).toEqual(off);
  });

  it('is in whole sats', async () => {
    const headers = await rich();
    for (const thresholdMsat of ['1', '1500', '-1000', '01000', '99999999999999999999000', 5]) {
      await tester.refuses(
        { method: 'PUT', url, headers, body: { thresholdMsat } },
        'request.invalid',
      );
    }
  });
});

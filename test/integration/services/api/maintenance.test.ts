import { actionAnswer } from '@quittance/sdk/answers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { turnMaintenanceOff, turnMaintenanceOn } from '../../../../engine/maintenance-mode.js';
import { stuckAnswer } from '../../../../services/api/v1/wire/operator.js';
import { brokenRules } from '../../../support/books.js';
import { pay } from './paying.helper.js';
import { ApiTester, type Headers, NEW_POST } from './tester.helper.js';

let tester: ApiTester;
let author: Headers;
let opened: Awaited<ReturnType<ApiTester['open']>>;
let failed: Awaited<ReturnType<ApiTester['open']>>;

beforeAll(async () => {
  tester = await ApiTester.start();
});
beforeEach(async () => {
  author = await tester.account();
  const keyed = { ...author, 'idempotency-key': 'before' };
  opened = await tester.open(keyed);
  failed = await tester.failed(author);
  await turnMaintenanceOn(tester.api.pool, 'the node is moved');
});
afterEach(async () => {
  await turnMaintenanceOff(tester.api.pool);
  await tester.api.simulator.control.clearFaults();
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

const ORDER = {
  method: 'POST',
  url: '/order',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'bid=10000&message=hello',
} as const;

describe('in maintenance mode', () => {
  it('what needs a new invoice is refused, and changes nothing', async () => {
    const some = await tester.account(400n);
    const opening = { method: 'POST', url: '/v1/actions', body: NEW_POST } as const;
    for (const headers of [{}, author, some]) {
      await tester.refuses({ ...opening, headers }, 'service.maintenance');
    }
    const retry = `/v1/actions/${failed.id}/retry`;
    await tester.refuses(
      { method: 'POST', url: retry, headers: author, body: { attempt: 1 } },
      'service.maintenance',
    );
    const answer = await tester.post('/v1/actions', NEW_POST, author);
    expect(answer.headers['retry-after']).toBe('30');
  });

  it('an order is refused in the format of its API, and changes nothing', async () => {
    const before = await tester.fingerprint();
    const answer = await tester.ask(ORDER);
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('30');
    expect(answer.json).toMatchObject({ errors: [{ code: 'service.maintenance' }] });
    expect(await tester.fingerprint()).toEqual(before);
  });

  it('payments by balance work, retries too', async () => {
    const rich = await tester.account(5_000n, 'rich');
    expect(await tester.open(rich)).toMatchObject({ state: 'PAID' });
    await turnMaintenanceOff(tester.api.pool);
    const { id } = await tester.failed(rich);
    await turnMaintenanceOn(tester.api.pool, 'again');
    const retried = await tester.post(`/v1/actions/${id}/retry`, { attempt: 1 }, rich);
    expect(retried.json).toMatchObject({ state: 'PAID' });
  });

  it('what is open goes on: it is read, paid and cancelled', async () => {
    const keyed = { ...author, 'idempotency-key': 'before' };
    const replay = await tester.post('/v1/actions', NEW_POST, keyed);
    expect(replay.headers['idempotency-replayed']).toBe('true');
    await pay(tester, opened.attempts[0]?.invoice?.bolt11);
    expect((await tester.get(`/v1/actions/${opened.id}`, author)).json).toMatchObject({
      state: 'PAID',
    });
  });

  it('an invoice that was asked for before is still created', async () => {
    await turnMaintenanceOff(tester.api.pool);
    await tester.api.simulator.control.setFaults({
      rules: [{ operation: 'create_invoice', effect: 'unavailable' }],
    });
    const waiting = await tester.post('/v1/actions', NEW_POST, author);
    const { id, attempts } = actionAnswer.parse(waiting.json);
    await tester.api.simulator.control.clearFaults();
    await turnMaintenanceOn(tester.api.pool, 'again');
    await makeCall(tester.api.engine, 'create_invoice', attempts[0]?.invoice?.hash ?? '');
    const answer = await tester.get(`/v1/actions/${id}`, author);
    expect(answer.json).toMatchObject({ state: 'PENDING' });
  });

  it('operators see why and since when, until it is off', async () => {
    const seen = async () =>
      stuckAnswer.parse((await tester.get('/v1/operator/stuck', tester.operator)).json).maintenance;
    const first = await seen();
    expect(first).toMatchObject({ because: 'the node is moved' });
    await turnMaintenanceOn(tester.api.pool, 'it takes longer');
    expect(await seen()).toEqual({ ...first, because: 'it takes longer' });
    expect((await turnMaintenanceOff(tester.api.pool))?.because).toBe('it takes longer');
    expect(await seen()).toBeNull();
    expect(await turnMaintenanceOff(tester.api.pool)).toBeUndefined();
    expect(await tester.open(author)).toMatchObject({ state: 'PENDING' });
    expect((await tester.ask(ORDER)).status).toBe(200);
  });
});

import { startTokenAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStartToken, type StartGrant } from '../../../../engine/accounts/start-token.js';
import { ApiTester, type Headers } from './tester.helper.js';

const URL = '/v1/start-tokens';
const BODY = { type: 'ITEM_CREATE', maxCostMsat: '5000000' };

let tester: ApiTester;
let alice: Headers;

beforeAll(async () => {
  tester = await ApiTester.start();
  alice = await tester.account(0n, 'alice');
});
afterAll(() => tester.close());

async function issue(
  headers: Headers,
  body: object = BODY,
  status = 201,
): Promise<{ answer: z.output<typeof startTokenAnswer>; grant: StartGrant }> {
  const answered = await tester.post(URL, body, headers);
  expect(answered.status, answered.text).toBe(status);
  const answer = startTokenAnswer.parse(answered.json);
  const grant = readStartToken(tester.api.engine.secret, answer.startToken);
  if (grant === undefined) throw new Error('it is not ours');
  return { answer, grant };
}

describe('POST /v1/start-tokens', () => {
  it('gives a token that is bound to the account, the type, the cost and one action', async () => {
    const { answer, grant } = await issue(alice);
    expect(answer).toMatchObject({
      workflowId: `action/${answer.actionId}/1`,
      taskQueue: 'actions',
    });
    expect(grant).toMatchObject({
      ...{ actionId: answer.actionId, actor: 'alice', origin: null },
      ...{ type: 'ITEM_CREATE', maxCostMsat: 5_000_000n },
      expiresAt: new Date(answer.expiresAt),
    });
    const seconds = (grant.expiresAt.getTime() - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThan(70);
  });

  it('binds one without an account to the network that asked', async () => {
    const { grant } = await issue({});
    expect(grant.actor).toBeNull();
    expect(grant.origin).toHaveLength(16);
  });

  it('gives the same action’s id for the same key', async () => {
    const headers = { ...alice, 'idempotency-key': 'start-1' };
    const first = await issue(headers);
    const again = await issue(headers, BODY, 200);
    expect(again.answer.actionId).toBe(first.answer.actionId);
    const other = { ...BODY, maxCostMsat: '1' };
    await tester.refuses(
      { method: 'POST', url: URL, headers, body: other },
      'idempotency.body_differs',
    );
  });

  it('is refused', async () => {
    const ask = (body: object, headers: Headers = alice) =>
      ({ method: 'POST', url: URL, headers, body }) as const;
    await tester.refuses(ask({ ...BODY, type: 'WITHDRAWAL' }), 'action.unknown_type');
    await tester.refuses(ask({ ...BODY, maxCostMsat: '0' }), 'request.invalid');
    await tester.refuses(ask({ ...BODY, validSeconds: 301 }), 'request.invalid');
    await tester.refuses(ask({ type: 'ITEM_CREATE' }), 'request.invalid');
    await tester.refuses(ask(BODY, { authorization: 'Bearer qt_wrong' }), 'auth.invalid_token');
  });
});

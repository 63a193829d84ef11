import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { readAudit } from '../../../../../engine/audit.js';
import { CHECKS, runChecks } from '../../../../../services/cli/doctor/run-checks.js';
import { ApiTester, type Headers, problemIn } from '../tester.helper.js';

let tester: ApiTester;
beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

const listed = z.object({ tokens: z.array(z.object({ id: z.string(), label: z.string() })) });
const granted = z.object({ id: z.string() });

/** The runbook of docs/operations.md, "A stolen operator's token", step by step. */
it('a stolen operator’s token is ended and what it did is undone', async () => {
  const { json } = await tester.post(
    '/v1/operator/operators',
    { name: 'victim', label: 'laptop', because: 'the desk' },
    tester.operator,
  );
  const { token } = z.object({ token: z.string() }).parse(json);
  const stolen: Headers = { authorization: `Bearer ${token}` };
  // What a thief would do: an account of his own, money, an operator of his own.
  await tester.post('/v1/accounts', { name: 'thief' }, stolen);
  const credits = { amountMsat: '7000', reason: 'nothing' };
  const loot = granted.parse(
    (await tester.post('/v1/accounts/thief/credits', credits, stolen)).json,
  );
  await tester.post('/v1/operator/operators', { name: 'backdoor', because: 'x' }, stolen);

  // 1. End the token.
  const list = await tester.get('/v1/operator/tokens?account=victim', tester.operator);
  const { tokens } = listed.parse(list.json);
  const id = tokens.find(({ label }) => label === 'laptop')?.id ?? '';
  await tester.post(`/v1/operator/tokens/${id}/revoke`, { because: 'stolen' }, tester.operator);
  expect((await tester.get('/v1/operator/operators', stolen)).status).toBe(401);

  // 2. Read what it did.
  const acts = (await readAudit(tester.api.pool, { limit: 100, actor: 'victim' })).filter(
    ({ token: used, act }) => used === id && act !== 'answered',
  );
  expect(
    acts.map(({ act, target, detail }) => [act, target === '' ? detail['name'] : target]),
  ).toEqual([
    ['POST /v1/operator/operators', 'backdoor'],
    ['POST /v1/accounts/:name/credits', 'thief'],
    ['POST /v1/accounts', 'thief'],
  ]);

  // 3. End operators it made, freeze accounts it paid, take the grants back.
  const because = { because: 'made by a thief' };
  for (const url of [
    '/v1/operator/operators/backdoor/revoke',
    '/v1/accounts/thief/freeze',
    `/v1/operator/grants/${loot.id}/reverse`,
  ]) {
    expect((await tester.post(url, because, tester.operator)).status, url).toBe(200);
  }
  const me = await tester.post('/v1/accounts/thief/tokens', {}, tester.operator);
  const thief = { authorization: `Bearer ${z.object({ token: z.string() }).parse(me.json).token}` };
  expect((await tester.get('/v1/accounts/me', thief)).text).toContain('"creditsMsat":"0"');
  const body = { type: 'ITEM_CREATE', args: { title: 'a post to test with' } };
  expect(problemIn(await tester.post('/v1/actions', body, thief)).code).toBe('account.frozen');

  // 4. A new token for the operator, and the doctor: books and audit are whole.
  expect((await tester.post('/v1/accounts/victim/tokens', {}, tester.operator)).status).toBe(201);
  const settings = { outboxKeepHours: 24, graceSeconds: 600 };
  const findings = await runChecks(tester.api.pool, CHECKS, settings);
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
});

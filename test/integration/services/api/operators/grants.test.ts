import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CHECKS, runChecks } from '../../../../../services/cli/doctor/run-checks.js';
import { ApiTester, type Answered, type Headers, problemIn } from '../tester.helper.js';

const CAPS = { ofRole: { operator: 10_000n, finance: 1_000n }, alone: 5_000n };

let tester: ApiTester;
let other: Headers;
let finance: Headers;
beforeAll(async () => {
  tester = await ApiTester.start({ grantCaps: CAPS });
  other = await hire('other', 'operator');
  finance = await hire('fin', 'finance');
});
afterAll(() => tester.close());

async function hire(name: string, role: string): Promise<Headers> {
  const body = { name, role, because: 'a test' };
  const { json } = await tester.post('/v1/operator/operators', body, tester.operator);
  return { authorization: `Bearer ${z.object({ token: z.string() }).parse(json).token}` };
}

const granted = z.object({
  id: z.string(),
  state: z.string(),
  satsMsat: z.string(),
  creditsMsat: z.string(),
});

function grant(
  name: string,
  amountMsat: string,
  by: Headers,
  body: object = {},
): Promise<Answered> {
  return tester.post(`/v1/accounts/${name}/credits`, { amountMsat, reason: 'r', ...body }, by);
}

async function soundBooks(): Promise<void> {
  const findings = await runChecks(tester.api.pool, CHECKS, {
    outboxKeepHours: 24,
    graceSeconds: 600,
  });
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
}

describe('grants', () => {
  it('are capped by role and day, however small each is', async () => {
    await tester.account(0n, 'anna');
    for (let n = 0; n < 4; n += 1) expect((await grant('anna', '250', finance)).status).toBe(201);
    expect(problemIn(await grant('anna', '1', finance)).code).toBe('grant.over_cap');
    expect(problemIn(await grant('anna', '10001', other)).code).toBe('grant.over_cap');
  });

  it('of several at once never pass the cap', async () => {
    const racer = await hire('racer', 'finance');
    const answers = await Promise.all(Array.from({ length: 8 }, () => grant('anna', '300', racer)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  });

  it('above what one may do alone wait for another operator', async () => {
    await tester.account(0n, 'bert');
    const asked = await grant('bert', '6000', other);
    expect(asked.status, asked.text).toBe(202);
    const { id, state, creditsMsat } = granted.parse(asked.json);
    expect([state, creditsMsat]).toEqual(['pending', '0']);
    const approve = (by: Headers): Promise<Answered> =>
      tester.post(`/v1/operator/grants/${id}/approve`, {}, by);
    expect(problemIn(await approve(other)).code).toBe('grant.second_person');
    expect(problemIn(await approve(finance)).code).toBe('grant.over_cap');
    const list = await tester.get('/v1/operator/grants?state=pending', tester.operator);
    expect(list.text).toContain(id);
    const given = await approve(tester.operator);
    expect(given.status, given.text).toBe(201);
    expect(granted.parse(given.json).creditsMsat).toBe('6000');
    const again = await approve(tester.operator);
    expect(granted.parse(again.json).creditsMsat).toBe('6000');
    await soundBooks();
    const forged = `update pending_grants set decided_by = asked_by where id = $1`;
    await expect(tester.api.pool.query(forged, [id])).rejects.toThrow('second_person');
  });

  it('that wait count against the cap, until they are rejected', async () => {
    const eager = await hire('eager', 'operator');
    const waiting = await grant('bert', '6000', eager);
    expect(waiting.status, waiting.text).toBe(202);
    expect(problemIn(await grant('bert', '6000', eager)).code).toBe('grant.over_cap');
    const reject = `/v1/operator/grants/${granted.parse(waiting.json).id}/reject`;
    expect((await tester.post(reject, { because: 'no' }, tester.operator)).status).toBe(200);
    expect((await grant('bert', '6000', eager)).status).toBe(202);
  });

  it('that wait can be rejected, and then are not given', async () => {
    const third = await hire('third', 'operator');
    const { id } = granted.parse((await grant('bert', '6000', third)).json);
    const reject = `/v1/operator/grants/${id}/reject`;
    expect((await tester.post(reject, { because: 'no' }, tester.operator)).status).toBe(200);
    const late = await tester.post(`/v1/operator/grants/${id}/approve`, {}, tester.operator);
    expect(problemIn(late).code).toBe('grant.decided');
  });

  it.each(['CREDITS', 'SATS'])(
    'of %s are taken back, once, while the money is there',
    async (asset) => {
      const name = `carl-${asset.toLowerCase()}`;
      const by = await hire(`by-${asset.toLowerCase()}`, 'operator');
      const his = await tester.account(0n, name);
      const body = { asset };
      const first = granted.parse((await grant(name, '2000', by, body)).json);
      const second = granted.parse((await grant(name, '1000', by, body)).json);
      const reverse = (id: string): Promise<Answered> =>
        tester.post(`/v1/operator/grants/${id}/reverse`, { because: 'a mistake' }, by);
      expect((await reverse(second.id)).status).toBe(200);
      expect((await reverse(second.id)).status).toBe(200);
      const money = async (): Promise<string> => (await tester.get('/v1/accounts/me', his)).text;
      expect(await money()).toContain(`${asset.toLowerCase()}Msat":"2000"`);
      // A post costs 1000 msat.
      await tester.open(his);
      expect(problemIn(await reverse(first.id)).code).toBe('grant.spent');
      await soundBooks();
    },
  );
});

import {
  accountWithTokenAnswer,
  grantAnswer,
  actionAnswer,
  openedAnswer,
} from '@quittance/sdk/answers';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { type Answered, ApiTester, type Headers, NEW_POST } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

const keyed = (headers: Headers, key: string = randomUUID()): Headers => ({
  ...headers,
  'idempotency-key': key,
});
const stranger = (): Headers => ({ 'quittance-client-secret': randomUUID() });
const isReplay = ({ status, headers }: Answered): boolean =>
  status === 200 && headers['idempotency-replayed'] === 'true';

/** Sends twenty equal requests at once: one is carried out, the others are replays. */
async function twentyAtOnce(url: string, body: unknown, headers: Headers): Promise<Answered[]> {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => tester.post(url, body, headers)),
  );
  expect(answers.filter(isReplay), answers.map(({ text }) => text).join('\n')).toHaveLength(19);
  return answers;
}

async function differs(url: string, body: unknown, headers: Headers): Promise<void> {
  await tester.refuses({ method: 'POST', url, headers, body }, 'idempotency.body_differs');
}

describe('a repeated key', () => {
  it('opens one action, also for twenty concurrent requests, and answers its current state', async () => {
    for (const caller of [await tester.account(), await tester.account(5_000n), stranger()]) {
      const headers = keyed(caller);
      const answers = await twentyAtOnce('/v1/actions', NEW_POST, headers);
      const opened = answers.map(({ json }) => openedAnswer.parse(json));
      const [{ id, capability } = { id: '' }] = opened;
      expect(new Set(opened.map((action) => action.id)).size).toBe(1);
      expect(await tester.count('actions where id = $1', [id])).toBe(1);
      expect(await tester.count('attempts where action_id = $1', [id])).toBe(1);
      expect(new Set(opened.map((action) => action.capability))).toEqual(new Set([capability]));
      expect(capability === undefined).toBe('authorization' in caller);

      // Today's state, not that of the first answer.
      const state = openedAnswer.parse(
        (await tester.post('/v1/actions', NEW_POST, headers)).json,
      ).state;
      if (state === 'PAID') continue;
      const proof = capability === undefined ? caller : { 'quittance-capability': capability };
      await tester.post(`/v1/actions/${id}/cancel`, {}, proof);
      const replayed = await tester.post('/v1/actions', NEW_POST, headers);
      expect(isReplay(replayed)).toBe(true);
      expect(replayed.json).toMatchObject({ id, state: 'FAILED' });
    }
  });

  it('ignores the order of members and white space', async () => {
    const headers = keyed(await tester.account());
    await tester.open(headers, NEW_POST);
    const { type, args } = NEW_POST;
    const text = `{ "args" : ${JSON.stringify(args)},\n "type": ${JSON.stringify(type)} }`;
    expect(isReplay(await tester.post('/v1/actions', text, headers))).toBe(true);
  });

  it('is refused with another body or address', async () => {
    const caller = await tester.account();
    const headers = keyed(caller);
    const { id } = await tester.open(headers, { ...NEW_POST, payment: 'invoice' });
    await differs('/v1/actions', NEW_POST, headers);
    await differs(`/v1/actions/${id}/cancel`, {}, headers);
    await differs(`/v1/actions/${id}/retry`, { attempt: 1 }, headers);
  });

  it('belongs to one caller', async () => {
    const key = randomUUID();
    const callers = [await tester.account(), await tester.account(), stranger(), stranger()];
    const ids = new Set<string>();
    for (const caller of callers) ids.add((await tester.open(keyed(caller, key))).id);
    expect(ids.size).toBe(4);
  });

  it('can be used again after a refusal', async () => {
    const headers = keyed(await tester.account());
    const asked = { method: 'POST', url: '/v1/actions', headers } as const;
    await tester.refuses({ ...asked, body: { ...NEW_POST, args: {} } }, 'action.invalid_args');
    const credits = { ...NEW_POST, payment: 'credits' };
    await tester.refuses({ ...asked, body: credits }, 'action.insufficient_credits');
    await tester.open(headers, NEW_POST);
  });
});

describe('a key of another request', () => {
  it('cancels one attempt, and not the next one', async () => {
    const caller = await tester.account();
    const { id } = await tester.open(caller);
    const url = `/v1/actions/${id}/cancel`;
    const headers = keyed(caller);
    await twentyAtOnce(url, {}, headers);
    await tester.post(`/v1/actions/${id}/retry`, { attempt: 1 }, caller);
    const replayed = await tester.post(url, {}, headers);
    expect(isReplay(replayed)).toBe(true);
    expect(replayed.json).toMatchObject({ state: 'PENDING', attempts: [{}, { attempt: 2 }] });
    await differs(`/v1/actions/${(await tester.open(caller)).id}/cancel`, {}, headers);
  });

  it('retries once', async () => {
    const caller = await tester.account();
    const { id } = await tester.failed(caller);
    const url = `/v1/actions/${id}/retry`;
    const headers = keyed(caller);
    const answers = await twentyAtOnce(url, { attempt: 1 }, headers);
    const [first] = answers.map(({ json }) => actionAnswer.parse(json));
    expect(first?.attempts).toHaveLength(2);
    expect(await tester.count('attempts where action_id = $1', [id])).toBe(2);
    await differs(url, { attempt: 2 }, headers);
  });

  it('opens one account, whose token only the first answer has', async () => {
    const headers = keyed(tester.operator);
    const body = { name: 'once' };
    const answers = await twentyAtOnce('/v1/accounts', body, headers);
    const tokens = answers.map(({ json }) => accountWithTokenAnswer.parse(json).token);
    expect(tokens.filter((token) => token !== undefined)).toHaveLength(1);
    await differs('/v1/accounts', { name: 'twice' }, headers);
  });

  it('issues one token, and revokes once', async () => {
    await tester.account(0n, 'keys');
    const issue = keyed(tester.operator);
    await twentyAtOnce('/v1/accounts/keys/tokens', {}, issue);
    const live = `api_tokens t join accounts a on a.id = t.account_id
      where a.name = 'keys' and t.revoked_at is null`;
    expect(await tester.count(live)).toBe(2);
    const revoke = keyed(tester.operator);
    const url = '/v1/accounts/keys/tokens/revoke';
    expect((await tester.post(url, {}, revoke)).headers['idempotency-replayed']).toBeUndefined();
    await tester.post('/v1/accounts/keys/tokens', {}, tester.operator);
    expect(isReplay(await tester.post(url, {}, revoke))).toBe(true);
    expect(await tester.count(live)).toBe(1);
  });

  it('grants once', async () => {
    await tester.account(0n, 'lucky');
    const headers = keyed(tester.operator);
    const url = '/v1/accounts/lucky/credits';
    const body = { amountMsat: '7', reason: 'luck' };
    const answers = await twentyAtOnce(url, body, headers);
    const grants = answers.map(({ json }) => grantAnswer.parse(json));
    expect(new Set(grants.map(({ id, creditsMsat }) => `${id} ${creditsMsat}`)).size).toBe(1);
    expect(grants[0]?.creditsMsat).toBe('7');
    await differs(url, { ...body, amountMsat: '8' }, headers);
  });
});

describe('keys and secrets', () => {
  const url = '/v1/actions';
  const asked = { method: 'POST', url, body: NEW_POST } as const;

  it('are refused if they are malformed', async () => {
    const account = await tester.account();
    for (const key of ['', ' ', 'a b', 'é', 'x'.repeat(256)]) {
      const headers = { ...account, 'idempotency-key': key };
      await tester.refuses({ ...asked, headers }, 'idempotency.invalid_key');
    }
    for (const secret of [undefined, '', 'x'.repeat(15), 'x'.repeat(256), 'a b'.repeat(10)]) {
      const headers = {
        'idempotency-key': 'k',
        ...(secret === undefined ? {} : { 'quittance-client-secret': secret }),
      };
      await tester.refuses({ ...asked, headers }, 'idempotency.secret_required');
    }
  });

  it('are stored as hashes if they are secret', async () => {
    const secret = `a secret of ${randomUUID()}`.replaceAll(' ', '-');
    await tester.open({ 'idempotency-key': 'k', 'quittance-client-secret': secret });
    const found = `idempotency_keys k where k::text like '%' || $1 || '%'`;
    expect(await tester.count(found, [secret])).toBe(0);
  });
});

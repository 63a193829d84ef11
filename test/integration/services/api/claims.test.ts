import { actionAnswer, collectedAnswer, ownAccountAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QuittanceClient } from '@quittance/sdk';
import { brokenRules } from '../../../support/books.js';
import { settledLate } from './paying.helper.js';
import { ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

interface Owed {
  readonly url: string;
  readonly proof: Headers;
  readonly id: string;
  readonly capability: string;
}

/** An action of somebody without an account, cancelled twice, whose invoices of 10 sats were paid all the same. */
async function owed(): Promise<Owed> {
  const { id, capability = '' } = await tester.open({});
  const proof = { 'quittance-capability': capability };
  await tester.post(`/v1/actions/${id}/cancel`, {}, proof);
  await tester.post(`/v1/actions/${id}/retry`, { attempt: 1 }, proof);
  const answer = await tester.post(`/v1/actions/${id}/cancel`, {}, proof);
  for (const { invoice } of actionAnswer.parse(answer.json).attempts) {
    await settledLate(tester, invoice?.hash ?? '', 10_000n);
  }
  return { id, capability, proof, url: `/v1/actions/${id}/claims/collect` };
}

const claimsMsatOf = async ({ id, proof }: Owed): Promise<string> =>
  actionAnswer.parse((await tester.get(`/v1/actions/${id}`, proof)).json).claimsMsat;

const creditsOf = async (headers: Headers): Promise<string> =>
  ownAccountAnswer.parse((await tester.get('/v1/accounts/me', headers)).json).creditsMsat;

describe('what is owed for an action that was opened without an account', () => {
  it('is collected by its capability, as credits of the account whose token is shown', async () => {
    const owing = await owed();
    const account = await tester.account(3n);
    expect(await claimsMsatOf(owing)).toBe('20000');
    const answer = await tester.post(owing.url, {}, { ...account, ...owing.proof });
    expect(answer.status, answer.text).toBe(200);
    const collected = collectedAnswer.strict().parse(answer.json);
    expect(collected).toMatchObject({ id: owing.id, collectedMsat: '20000', claimsMsat: '0' });
    expect(await creditsOf(account)).toBe('20003');
    expect(await claimsMsatOf(owing)).toBe('0');
    const kept = `claims c join accounts a on a.id = c.collected_by_account
      where c.action_id = $1 and c.state = 'collected'`;
    expect(await tester.count(kept, [owing.id])).toBe(2);
    // They are spent like any others.
    expect(await tester.open(account)).toMatchObject({ state: 'PAID' });
    const again = { method: 'POST', url: owing.url, headers: { ...account, ...owing.proof } };
    await tester.refuses({ ...again, method: 'POST', body: {} }, 'action.nothing_owed');
  });

  it('goes to one of many concurrent collectors', async () => {
    const owing = await owed();
    const accounts = await Promise.all(Array.from({ length: 6 }, () => tester.account()));
    const answers = await Promise.all(
      accounts.flatMap((account) => [
        tester.post(owing.url, {}, { ...account, ...owing.proof }),
        tester.post(owing.url, {}, { ...account, ...owing.proof }),
      ]),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(11).fill(409)]);
    const balances = await Promise.all(accounts.map(creditsOf));
    expect(balances.sort()).toEqual(['0', '0', '0', '0', '0', '20000']);
  });

  it('is collected once per idempotency key, and a replay tells what was', async () => {
    const owing = await owed();
    const account = await tester.account();
    const headers = { ...account, ...owing.proof, 'idempotency-key': 'collect' };
    const answers = await Promise.all([1, 2, 3].map(() => tester.post(owing.url, {}, headers)));
    for (const { status, json } of answers) {
      expect(status).toBe(200);
      expect(json).toMatchObject({ collectedMsat: '20000', claimsMsat: '0' });
    }
    const replays = answers.filter((answer) => answer.headers['idempotency-replayed'] === 'true');
    expect(replays).toHaveLength(2);
    expect(await creditsOf(account)).toBe('20000');
  });

  it('is not collected without its own capability, whatever the role', async () => {
    const owing = await owed();
    const other = await owed();
    const account = await tester.account();
    const asked = { method: 'POST', url: owing.url, body: {} } as const;
    for (const headers of [
      account,
      tester.operator,
      { ...account, ...other.proof },
      { ...account, 'quittance-capability': '' },
    ]) {
      await tester.refuses({ ...asked, headers }, 'action.not_found');
    }
    await tester.refuses({ ...asked, headers: owing.proof }, 'auth.required');
    const own = await tester.failed(account);
    const url = `/v1/actions/${own.id}/claims/collect`;
    const headers = { ...account, ...owing.proof };
    await tester.refuses({ ...asked, url, headers }, 'action.not_found');
    expect(await claimsMsatOf(owing)).toBe('20000');
  });

  it('is collected by the client', async () => {
    const owing = await owed();
    const account = await tester.account();
    const token = account['authorization']?.slice('Bearer '.length) ?? '';
    const client = new QuittanceClient({ baseUrl: tester.api.url, token });
    const { capability } = owing;
    const collected = await client.collectClaims(owing.id, { capability });
    expect(collected.collectedMsat).toBe('20000');
  });

  it('has one collector by the schema', async () => {
    const owing = await owed();
    await expect(
      tester.api.pool.query(`update claims set state = 'collected' where action_id = $1`, [
        owing.id,
      ]),
    ).rejects.toThrow('claims_collected');
  });
});

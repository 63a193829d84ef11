import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { pay } from './paying.helper.js';
import { type Answered, ApiTester, type Headers, NEW_POST, problemIn } from './tester.helper.js';

const PER_ORIGIN = 5;
const CALLERS = 20;
const EACH = 6;
const PAYMENTS = 10;

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start({ limits: { unpaidPerOrigin: PER_ORIGIN, unpaidAnonymous: 50 } });
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

const byInvoice = { ...NEW_POST, payment: 'invoice' };

async function caller(): Promise<readonly Answered[]> {
  const answers = [];
  for (let n = 0; n < EACH; n += 1) answers.push(await tester.post('/v1/actions', byInvoice));
  return answers;
}

/** The states in which its payments ended. */
async function payer(account: Headers): Promise<readonly string[]> {
  const states = [];
  for (let n = 0; n < PAYMENTS; n += 1) {
    const { id, attempts } = await tester.open(account, byInvoice);
    await pay(tester, attempts.at(-1)?.invoice?.bolt11);
    const { json } = await tester.get(`/v1/actions/${id}`, account);
    states.push(stateIn(json));
  }
  return states;
}

const stateIn = (json: unknown): string =>
  String(Object.entries(json ?? {}).find(([name]) => name === 'state')?.[1]);

/** A sample: `npm run test:soak -- crowd` measures it with all processes. */
it('a crowd without accounts gets 429 problems beyond its limit, and an account beside it pays', async () => {
  const crowd = Promise.all(Array.from({ length: CALLERS }, caller));
  const [answers, states] = await Promise.all([crowd, payer(await tester.account())]);
  const refused = answers.flat().filter(({ status }) => status !== 201);
  expect(refused).toHaveLength(CALLERS * EACH - PER_ORIGIN);
  for (const answer of refused) {
    expect(problemIn(answer)).toMatchObject({ status: 429, code: 'action.too_many_unpaid' });
  }
  expect(states).toEqual(Array.from({ length: PAYMENTS }, () => 'PAID'));
});

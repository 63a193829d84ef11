import { afterAll, beforeAll, expect, test } from 'vitest';
import { QuittanceClient } from '@quittance/sdk';
import { type ApiForTests, startApi } from '../../../support/api.js';
import { brokenRules } from '../../../support/books.js';

const GRANTS = 48;
const AMOUNT_MSAT = 1_000n;

let api: ApiForTests;
let operator: QuittanceClient;

beforeAll(async () => {
  api = await startApi();
  operator = new QuittanceClient({ baseUrl: api.url, token: api.operatorToken });
});
afterAll(() => api.close());

/** Each balance after a grant must be that of the previous entry plus the grant: entries are numbered in the order of the locks. */
test('concurrent grants to one account have consecutive balances', async () => {
  await operator.openAccount({ name: 'lucky' });
  const grant = { amountMsat: AMOUNT_MSAT.toString(), reason: 'at once' };
  const views = await Promise.all(
    Array.from({ length: GRANTS }, () => operator.grantCredits('lucky', grant)),
  );
  // Each answer shows another balance.
  const balances = views
    .map(({ creditsMsat }) => BigInt(creditsMsat))
    .sort((a, b) => Number(a - b));
  expect(balances).toEqual(Array.from({ length: GRANTS }, (_, n) => BigInt(n + 1) * AMOUNT_MSAT));
  expect(await brokenRules(api.pool)).toEqual([]);
});

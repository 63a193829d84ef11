import { afterAll, beforeAll, expect, it } from 'vitest';
import { deleteOldRows, retainedTables } from '../../../../services/relay/maintenance/retention.js';
import { ApiTester, NEW_POST, problemIn } from './tester.helper.js';

const PAGE = 4096;

let tester: ApiTester;
beforeAll(async () => {
  tester = await ApiTester.start({
    limits: { unpaidBytesPerOrigin: 3 * PAGE, unpaidBytes: 5 * PAGE },
  });
});
afterAll(() => tester.close());

const form = { 'content-type': 'application/x-www-form-urlencoded' };

it('what the anonymous leave unpaid is bounded, per address and in sum, and freed when it ends', async () => {
  const opened = [];
  for (let n = 0; n < 2; n += 1) opened.push(await tester.open({}));
  const order = await tester.api.app.inject({
    ...{ method: 'POST', url: '/order', headers: form, payload: 'bid=100000&message=hello' },
  });
  expect(order.statusCode, order.payload).toBe(200);
  const before = await tester.count('actions');
  const refused = await tester.post('/v1/actions', NEW_POST);
  expect(problemIn(refused).code).toBe('anonymous.too_much_unpaid');
  expect(refused.headers['retry-after']).toBeDefined();
  expect(await tester.count('actions')).toBe(before);
  // An account beside them is not concerned, and neither is another address until the sum is full.
  await tester.open(await tester.account());
  const elsewhere = () =>
    tester.api.app.inject({
      ...{ method: 'POST', url: '/v1/actions', payload: NEW_POST, remoteAddress: '10.1.2.3' },
    });
  expect((await elsewhere()).statusCode).toBe(201);
  expect((await elsewhere()).statusCode).toBe(201);
  expect((await elsewhere()).statusCode).toBe(429);
  // Cancelled is freed.
  const [first] = opened;
  const capability = { 'quittance-capability': first?.capability ?? '' };
  await tester.post(`/v1/actions/${first?.id ?? ''}/cancel`, {}, capability);
  expect((await elsewhere()).statusCode).toBe(201);
});

it('what nobody paid for is emptied after thirty days, and what an account left is not', async () => {
  const { pool } = tester.api;
  const swept = async (): Promise<void> => {
    for (const table of retainedTables(24, 31)) {
      await deleteOldRows(pool, table, new AbortController().signal);
    }
  };
  await pool.query('update orders set origin = null');
  const anonymous = await tester.failed({});
  const hers = await tester.failed(await tester.account());
  await swept();
  expect(await tester.count('actions where emptied')).toBe(0);
  await pool.query(`update actions set created_at = now() - interval '31 days'`);
  await swept();
  const { rows } = await pool.query<{ id: string; args: unknown }>(
    `select id, args from actions where id = any($1) order by actor nulls first`,
    [[anonymous.id, hers.id]],
  );
  expect(rows[0]).toEqual({ id: anonymous.id, args: {} });
  expect(rows[1]?.args).toHaveProperty('title');
  const retry = await tester.post(
    `/v1/actions/${anonymous.id}/retry`,
    { attempt: 1 },
    { 'quittance-capability': anonymous.capability ?? '' },
  );
  expect(problemIn(retry).code).toBe('action.not_retryable');
});

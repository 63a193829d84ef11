import { itemPageAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inTransaction } from '../../../../db/transaction.js';
import { ApiTester, type Headers, NEW_POST } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

async function allPages(path: string, headers: Headers = {}): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? path : `${path}&cursor=${cursor}`;
    const page: z.output<typeof itemPageAnswer> = itemPageAnswer.parse(
      (await tester.get(at, headers)).json,
    );
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ids;
}

const itemOf = (action: { result: Record<string, string> }): string =>
  z.object({ itemId: z.string() }).parse(action.result).itemId;

describe('items', () => {
  it('are visible to everybody after payment, to their author before', async () => {
    const author = await tester.account(1_000n);
    const paid = itemOf(await tester.open(author));
    const pending = itemOf(await tester.open(author, { ...NEW_POST, payment: 'invoice' }));
    const failed = itemOf(await tester.failed(author));

    const everybody = await allPages('/v1/items?limit=200');
    expect(everybody).toContain(paid);
    expect(everybody).not.toContain(pending);
    expect(everybody).not.toContain(failed);
    // Without author=me the list is that of all paid items.
    expect(await allPages('/v1/items?limit=200', author)).toEqual(everybody);
    expect(await allPages('/v1/items?author=me&limit=1', author)).toEqual([failed, pending, paid]);

    expect((await tester.get(`/v1/items/${paid}`)).json).toMatchObject({ state: 'PAID', zaps: 0 });
    for (const [id, state] of [
      [pending, 'PENDING'],
      [failed, 'FAILED'],
    ] as const) {
      const url = `/v1/items/${id}`;
      expect((await tester.get(url, author)).json).toMatchObject({ id, state, paidAt: null });
      for (const headers of [{}, await tester.account(), tester.operator]) {
        await tester.refuses({ method: 'GET', url, headers }, 'item.not_found');
      }
    }
  });

  it('of anonymous authors are visible with the capability', async () => {
    const { id, capability = '' } = await tester.open({});
    const { rows } = await tester.api.pool.query<{ id: bigint }>(
      `insert into items (action_id, title, state) values ($1, 'held', 'PENDING') returning id`,
      [id],
    );
    const url = `/v1/items/${rows[0]?.id ?? ''}`;
    expect((await tester.get(url, { 'quittance-capability': capability })).status).toBe(200);
    const other = (await tester.open({})).capability ?? '';
    for (const headers of [{}, { 'quittance-capability': other }, await tester.account()]) {
      await tester.refuses({ method: 'GET', url, headers }, 'item.not_found');
    }
  });

  it('are listed by time of payment, each once, also those of the same microsecond', async () => {
    const { pool } = tester.api;
    const author = await tester.account(20_000n);
    for (let n = 0; n < 20; n += 1) await tester.open(author);
    await inTransaction(pool, (tx) =>
      tx.query(
        `update items set paid_at = timestamptz '2030-01-01' + (id / 4) * interval '1 microsecond'
         where state = 'PAID'`,
      ),
    );
    const { rows } = await pool.query<{ id: bigint }>(
      `select id from items where state = 'PAID' order by paid_at desc, id desc`,
    );
    expect(await allPages('/v1/items?limit=3')).toEqual(rows.map(({ id }) => id.toString()));
  });
});

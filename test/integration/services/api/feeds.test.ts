import { commentPageAnswer, itemPageAnswer, statementAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { PRICES } from '../../../../domain/territories/billing.js';
import { ApiTester, type Headers, NEW_POST } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

const itemOf = (action: { result: Record<string, string> }): string =>
  z.object({ itemId: z.string() }).parse(action.result).itemId;
const titled = (title: string) => ({ ...NEW_POST, args: { title } });
const replyTo = (parentId: string) => ({
  ...NEW_POST,
  args: { kind: 'comment', parentId, text: 'A reply' },
});
const get = async (path: string, headers: Headers = {}): Promise<unknown> =>
  (await tester.get(path, headers)).json;

it('lists hot, recent and top are read page by page, with cursors of their own', async () => {
  const author = await tester.account(10_000n);
  const ids = [];
  for (let n = 0; n < 5; n += 1) ids.push(itemOf(await tester.open(author, titled(`Post ${n}`))));
  for (const sort of ['hot', 'recent', 'top']) {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const at = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = itemPageAnswer.parse(await get(`/v1/items?sort=${sort}&limit=2${at}`));
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(new Set(seen).size).toBe(5);
  }
  const { nextCursor } = itemPageAnswer.parse(await get('/v1/items?sort=hot&limit=2'));
  const url = `/v1/items?sort=top&cursor=${String(nextCursor)}`;
  await tester.refuses({ method: 'GET', url, headers: {} }, 'request.invalid');
});

it('lists of a territory have its posts only, in its owner’s order where none is asked for', async () => {
  const author = await tester.account(PRICES.MONTHLY + 10_000_000n);
  await tester.open(author, {
    type: 'TERRITORY_CREATE',
    args: { name: 'meadow', billing: 'MONTHLY', ranking: 'RECENT' },
  });
  const post = async (n: number, territories: string[]): Promise<string> =>
    itemOf(await tester.open(author, { ...NEW_POST, args: { title: `Meadow ${n}`, territories } }));
  const ids = [await post(1, ['meadow']), await post(2, ['Meadow', 'hills'])];
  const elsewhere = await post(3, ['hills']);
  const boost = { type: 'BOOST', args: { itemId: String(ids[0]), sats: 100 } };
  await tester.open(author, { ...NEW_POST, ...boost });
  const listed = async (query: string): Promise<string[]> =>
    itemPageAnswer.parse(await get(`/v1/items?${query}`)).items.map(({ id }) => id);
  expect(await listed('territory=MEADOW')).toEqual(ids.toReversed());
  expect(await listed('territory=hills&sort=recent')).toEqual([elsewhere, ids[1]]);
  const first = itemPageAnswer.parse(await get('/v1/items?territory=meadow&limit=1'));
  expect(await listed(`territory=meadow&cursor=${String(first.nextCursor)}`)).toEqual([ids[0]]);
  expect(await listed('territory=nowhere')).toEqual([]);
});

it('comments are a tree, in which the caller’s own unpaid ones are', async () => {
  const author = await tester.account(10_000n);
  const root = itemOf(await tester.open(author));
  const first = itemOf(await tester.open(author, replyTo(root)));
  const pending = itemOf(await tester.open(author, { ...replyTo(first), payment: 'invoice' }));
  const read = async (headers: Headers) =>
    commentPageAnswer.parse(await get(`/v1/items/${root}/comments?limit=10`, headers)).comments;
  expect(await read(author)).toMatchObject([
    { id: first, rootId: root, replies: [{ id: pending, state: 'PENDING', parentId: first }] },
  ]);
  expect(await read({})).toMatchObject([{ id: first, replies: [], more: false }]);
  const unseen = { method: 'GET', url: `/v1/items/${pending}/comments`, headers: {} } as const;
  await tester.refuses(unseen, 'item.not_found');
});

it('search finds words, and refuses none at all', async () => {
  const author = await tester.account(10_000n);
  const id = itemOf(await tester.open(author, titled('A platypus swims')));
  const found = itemPageAnswer.parse(await get('/v1/search?q=platypus'));
  expect(found.items.map((item) => item.id)).toEqual([id]);
  await tester.refuses({ method: 'GET', url: '/v1/search?q=', headers: {} }, 'request.invalid');
});

it('an item is deleted by its author, once or twice', async () => {
  const author = await tester.account(10_000n);
  const id = itemOf(await tester.open(author));
  const url = `/v1/items/${id}/delete`;
  const stranger = await tester.account();
  await tester.refuses({ method: 'POST', url, headers: stranger }, 'item.not_own');
  for (let n = 0; n < 2; n += 1) {
    const deleted = await tester.post(url, {}, author);
    expect([deleted.status, deleted.json]).toMatchObject([200, { id, title: '[deleted]' }]);
  }
});

it('a statement names what changed a balance', async () => {
  const author = await tester.account(3_000n);
  const action = await tester.open(author);
  const { lines } = statementAnswer.parse(await get('/v1/accounts/me/statement', author));
  expect(lines).toMatchObject([
    {
      asset: 'CREDITS',
      amountMsat: '-1000',
      balanceAfterMsat: '2000',
      for: `action/${action.id}/1/paid`,
    },
    { amountMsat: '3000' },
  ]);
});

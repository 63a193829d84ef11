import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readComments, type CommentNode } from '../../../../../engine/items/read-comments.js';
import { readFeed, readItem, readOwnItems } from '../../../../../engine/items/read-items.js';
import { searchItems } from '../../../../../engine/items/search-items.js';
import { readStatement } from '../../../../../engine/accounts/read-statement.js';
import { type Person, retry } from '../bugs/bugs.helper.js';
import { ANONYMOUS, zapOf } from '../fixture.helper.js';
import { itemOf, World } from './world.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

const SIZE = { limit: 50, replies: 10, depth: 5 };

/** Every way in which somebody may come to see an item. */
async function seenBy(viewer: Person | undefined, id: string, words: string) {
  const { pool } = world.fixture;
  const account = viewer?.id ?? null;
  const has = (items: readonly { id: bigint }[]) => items.some((item) => String(item.id) === id);
  return {
    item: (await readItem(pool, BigInt(id), viewer ?? ANONYMOUS)) !== undefined,
    recent: has(await readFeed(pool, 'recent', account, undefined, 200)),
    hot: has(await readFeed(pool, 'hot', account, undefined, 200)),
    top: has(await readFeed(pool, 'top', account, undefined, 200)),
    search: has(await searchItems(pool, words, account, undefined, 200)),
    own: viewer !== undefined && has(await readOwnItems(pool, viewer.id, undefined, 200)),
  };
}

const NOWHERE = { item: false, recent: false, hot: false, top: false, search: false, own: false };
const EVERYWHERE = { item: true, recent: true, hot: true, top: true, search: true, own: false };

const flat = (nodes: readonly CommentNode[]): string[] =>
  nodes.flatMap(({ item, replies }) => [String(item.id), ...flat(replies)]);
const tree = async (id: string, viewer: Person | null, order: 'hot' | 'top' | 'recent' = 'top') =>
  readComments(world.fixture.pool, BigInt(id), viewer?.id ?? null, order, undefined, SIZE);

describe('what is pending or failed', () => {
  it('is seen by its author only, cannot be acted upon, and is everywhere at once when it is paid', async () => {
    const view = await world.unpaid(
      { type: 'ITEM_CREATE', args: { title: 'Zanzibar is far away' } },
      world.payer,
    );
    const id = itemOf(view);
    for (const [state, change] of [
      ['pending', () => Promise.resolve()],
      ['failed', () => world.fail(view)],
    ] as const) {
      await change();
      expect(await seenBy(undefined, id, 'zanzibar'), state).toEqual(NOWHERE);
      expect(await seenBy(world.rich, id, 'zanzibar'), state).toEqual(NOWHERE);
      expect(await seenBy(world.payer, id, 'zanzibar'), state).toEqual({
        ...{ ...NOWHERE, item: true, own: true },
      });
      for (const request of [
        zapOf(id),
        { type: 'DOWN_ZAP', args: { itemId: id, sats: 1 } },
        { type: 'BOOST', args: { itemId: id, sats: 1 } },
        { type: 'ITEM_CREATE', args: { kind: 'comment', parentId: id, text: 'x' } },
      ]) {
        const nothing = { code: 'item.not_found', detail: `there is no item ${id}` };
        await expect(world.fixture.open(world.rich, request)).rejects.toMatchObject(nothing);
        await expect(
          world.fixture.open(world.payer, { ...request, payment: 'invoice' }),
        ).rejects.toMatchObject({ code: 'item.unpaid' });
      }
    }
    const { view: retried } = await retry(world.fixture, view.id, world.payer, 'invoice');
    await world.pay(retried);
    expect(await seenBy(undefined, id, 'zanzibar')).toEqual(EVERYWHERE);
    expect(await seenBy(world.rich, id, 'zanzibar')).toEqual(EVERYWHERE);
  });

  it('as a comment it is in its author’s tree, in its place, and in nobody else’s', async () => {
    const root = await world.item();
    const paid = await world.comment(root, 'paid');
    const reply = {
      type: 'ITEM_CREATE',
      args: { kind: 'comment', parentId: paid, text: 'not yet' },
    };
    const pending = itemOf(await world.unpaid(reply, world.rich));
    for (const order of ['hot', 'top', 'recent'] as const) {
      expect(flat(await tree(root, world.rich, order))).toEqual([paid, pending]);
      expect(flat(await tree(root, world.author, order))).toEqual([paid]);
      expect(flat(await tree(root, null, order))).toEqual([paid]);
    }
    expect((await readItem(world.fixture.pool, BigInt(root), ANONYMOUS))?.comments).toBe(1);
  });

  it('as a zap it is in its payer’s view of the item only', async () => {
    const root = await world.item();
    await world.unpaid(zapOf(root, 5), world.rich);
    const seen = async (by?: Person) => {
      const item = await readItem(world.fixture.pool, BigInt(root), by ?? ANONYMOUS);
      return [item?.zaps, item?.zappedMsat, item?.ownZappedMsat];
    };
    expect(await seen(world.rich)).toEqual([0, 0n, 5_000n]);
    expect(await seen(world.author)).toEqual([0, 0n, 0n]);
    expect(await seen()).toEqual([0, 0n, 0n]);
  });
});

describe('comments', () => {
  it('are a tree of bounded size, which says where there is more', async () => {
    const root = await world.item();
    const first = await world.comment(root, 'first');
    const second = await world.comment(root, 'second');
    const below: string[] = [];
    for (let n = 0; n < 3; n += 1) below.push(await world.comment(first, `below ${n}`));
    await world.comment(await world.comment(below[0] ?? '', 'deeper'), 'deepest');
    const { pool } = world.fixture;
    const size = { limit: 1, replies: 2, depth: 2 };
    const [node, ...rest] = await readComments(pool, BigInt(root), null, 'recent', undefined, size);
    expect([String(node?.item.id), rest.length]).toEqual([second, 0]);
    const before = { key: node?.sortKey ?? '', id: node?.item.id ?? 0n };
    const [next] = await readComments(pool, BigInt(root), null, 'recent', before, size);
    expect(String(next?.item.id)).toBe(first);
    expect(next?.replies.map(({ item }) => String(item.id))).toEqual([below[2], below[1]]);
    expect(next?.more).toBe(true);
    const whole = await tree(root, null, 'recent');
    expect(flat(whole)).toHaveLength(7);
    expect(whole.every(({ more }) => !more)).toBe(true);
  });
});

describe('search', () => {
  it('finds words of titles before those of texts, in any case and script, and nothing deleted', async () => {
    const inText = await world.item({ title: 'Something else', text: 'An ostrich, at last' });
    const inTitle = await world.item({ title: 'The OSTRICH book' });
    const find = async (words: string) =>
      (await searchItems(world.fixture.pool, words, null, undefined, 10)).map(({ id }) =>
        String(id),
      );
    expect(await find('ostrich')).toEqual([inTitle, inText]);
    expect(await find('ostrich -book')).toEqual([inText]);
    expect(await find('"at last"')).toEqual([inText]);
    expect(await find(`'; drop table items; --`)).toEqual([]);
    const [first] = await searchItems(world.fixture.pool, 'ostrich', null, undefined, 1);
    const after = { key: first?.sortKey ?? '', id: first?.id ?? 0n };
    const rest = await searchItems(world.fixture.pool, 'ostrich', null, after, 10);
    expect(rest.map(({ id }) => String(id))).toEqual([inText]);
  });
});

describe('the statement of a balance', () => {
  it('adds up to it, page by page', async () => {
    const by = await world.fixture.account('stated', 1_000_000n);
    const root = await world.item({}, by);
    await world.paid('ZAP', zapOf(await world.item(), 7).args, by);
    await world.paid('ZAP', zapOf(root, 10).args, world.rich);
    const lines = [];
    let before: { entryId: bigint; asset: string } | undefined;
    for (;;) {
      const [line] = await readStatement(world.fixture.pool, by.id, before, 1);
      if (line === undefined) break;
      lines.push(line);
      before = line;
    }
    expect(lines.map(({ amountMsat }) => amountMsat)).toEqual([
      ...[7_000n, -7_000n, -1_000n, 1_000_000n],
    ]);
    expect(lines[0]?.balanceAfterMsat).toBe(await world.fixture.balance(by));
  });
});

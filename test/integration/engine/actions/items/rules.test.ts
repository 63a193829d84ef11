import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteItem } from '../../../../../engine/items/delete-item.js';
import { cancelAction } from '../../../../../engine/actions/cancel.js';
import { legsOf, type Person, report, retry, statesOf } from '../bugs/bugs.helper.js';
import { ANONYMOUS, zapOf } from '../fixture.helper.js';
import { itemOf, World } from './world.helper.js';

let world: World;
let accounts = 0;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());
beforeEach(() => setRules(0, 0, null));

const setRules = async (spam: number, duplicate: number, unpaid: number | null) => {
  await world.fixture.pool.query(
    'update item_rules set spam_seconds = $1, duplicate_seconds = $2, unpaid_in_a_row = $3',
    [spam, duplicate, unpaid],
  );
};
const somebody = (msat = 1_000_000_000n): Promise<Person> => {
  accounts += 1;
  return world.fixture.account(`somebody-${accounts}`, msat);
};
const post = (n: number) => ({ type: 'ITEM_CREATE', args: { title: `Post number ${n}` } });
const reply = (parentId: string, text: string) => ({
  type: 'ITEM_CREATE',
  args: { kind: 'comment', parentId, text },
});
const open = (by: Person, request: { type: string; args: unknown }) =>
  world.fixture.open(by, request);

describe('the cost of an item', () => {
  it('grows tenfold with each one of the same author and place within ten minutes, pending and failed ones too', async () => {
    await setRules(600, 600, null);
    const by = await somebody();
    const costs: bigint[] = [];
    for (let n = 0; n < 3; n += 1) costs.push((await open(by, post(n))).view.costMsat);
    expect(costs).toEqual([1_000n, 10_000n, 100_000n]);
    const failing = await world.unpaid(post(3), by);
    expect(failing.costMsat).toBe(1_000_000n);
    await world.fail(failing);
    expect((await world.unpaid(post(4), by)).costMsat).toBe(10_000_000n);
  });

  it('of replies: counts those to the same item and the own ones right above, but none below an own post', async () => {
    await setRules(600, 600, null);
    const root = await world.item();
    const by = await somebody();
    const first = await open(by, reply(root, 'one'));
    expect(first.view.costMsat).toBe(1_000n);
    expect((await open(by, reply(root, 'two'))).view.costMsat).toBe(10_000n);
    // Below the own reply: no other beside it, one right above.
    expect((await open(by, reply(itemOf(first.view), 'three'))).view.costMsat).toBe(10_000n);
    expect((await open(world.author, reply(root, 'four'))).view.costMsat).toBe(1_000n);
    expect((await open(world.author, reply(root, 'five'))).view.costMsat).toBe(1_000n);
  });

  it('is ten times as much without an account, and with a boost more', async () => {
    const anonymous = await world.fixture.open(ANONYMOUS, post(1));
    expect(anonymous.view.costMsat).toBe(10_000n);
    const boosted = await world.paid('ITEM_CREATE', { title: 'A boosted post', boostSats: 7 });
    expect(boosted.costMsat).toBe(8_000n);
    expect(await world.counters(itemOf(boosted))).toMatchObject({
      ...{ cost_msat: 1_000n, boost_msat: 7_000n },
    });
  });
});

describe('free items', () => {
  it('B24: comments of an account that cannot pay are free, five a month, however many come at once', async () => {
    const root = await world.item();
    const poor = await somebody(0n);
    const opened = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => open(poor, reply(root, `free ${n}`))),
    );
    const free = opened.filter(
      (one) => one.status === 'fulfilled' && one.value.view.state === 'PAID',
    );
    expect(free).toHaveLength(5);
    for (const one of opened) {
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ code: 'item.no_free_comments' });
    }
    expect(await world.counters(root)).toMatchObject({ comments: 5, comment_cost_msat: 0n });
    expect((await open(poor, reply(root, 'paid'))).view).toMatchObject({
      ...{ costMsat: 1_000n, state: 'PENDING' },
    });
  });

  it('are no posts, nothing of accounts that can pay, and a bio once', async () => {
    const poor = await somebody(0n);
    expect((await open(poor, post(1))).view.costMsat).toBe(1_000n);
    const bio = { type: 'ITEM_CREATE', args: { kind: 'bio', text: 'I am' } };
    expect((await open(poor, bio)).view).toMatchObject({ costMsat: 0n, state: 'PAID' });
    await expect(open(poor, bio)).rejects.toMatchObject({ code: 'item.duplicate' });
    expect((await open(await somebody(), bio)).view.costMsat).toBe(1_000n);
  });
});

describe('limits', () => {
  it('B23: the same item is opened once, whoever clicks twice; after a failure it may be opened again', async () => {
    await setRules(0, 600, null);
    const by = await somebody();
    const clicks = await Promise.allSettled([open(by, post(1)), open(by, post(1))]);
    expect(clicks.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(open(by, post(1))).rejects.toMatchObject({ code: 'item.duplicate' });
    expect((await open(await somebody(), post(1))).view.state).toBe('PAID');
    const failing = await world.unpaid(post(2), by);
    await expect(open(by, post(2))).rejects.toMatchObject({ code: 'item.duplicate' });
    await world.fail(failing);
    expect((await open(by, post(2))).view.state).toBe('PAID');
    // What has the key now stands in the way of the retry.
    await expect(retry(world.fixture, failing.id, by)).rejects.toMatchObject({
      code: 'item.duplicate',
    });
  });

  it('B45: after three unpaid items of an author in a row there is no fourth, but a free comment', async () => {
    await setRules(0, 0, 3);
    const root = await world.item();
    const by = await somebody(0n);
    for (let n = 0; n < 3; n += 1) await world.unpaid(post(n), by);
    await expect(open(by, post(3))).rejects.toMatchObject({ code: 'item.too_many_unpaid' });
    expect((await open(by, reply(root, 'free'))).view.state).toBe('PAID');
    expect((await open(by, post(3))).view.state).toBe('PENDING');
  });

  it.each([
    ['a title of direction marks', { title: 'Title \u202Eelttit' }],
    ['a title that shows nothing', { title: '\u200B\u3164\u200B\u3164\u200B\u3164' }],
    ['an option twice', { kind: 'poll', options: ['a', 'a'] }],
    ['eleven options', { kind: 'poll', options: Array.from('abcdefghijk') }],
    [
      'a poll that is over tomorrow',
      { kind: 'poll', options: ['a', 'b'], endsAt: '2020-01-01T00:00:00Z' },
    ],
    [
      'more than all forwarded',
      {
        forwards: [
          { name: 'rich', percent: 60 },
          { name: 'payer', percent: 41 },
        ],
      },
    ],
    [
      'a forward twice',
      {
        forwards: [
          { name: 'rich', percent: 1 },
          { name: 'rich', percent: 1 },
        ],
      },
    ],
    ['a bounty of too little', { kind: 'bounty', bountySats: 999 }],
    ['a boost of too much', { boostSats: 1_000_001 }],
    ['a kind that there is not', { kind: 'song' }],
  ])('refuse %s', async (_name, args) => {
    const request = { type: 'ITEM_CREATE', args: { title: 'A title', ...args } };
    await expect(open(world.rich, request)).rejects.toMatchObject({ code: 'action.invalid_args' });
  });

  it('of forwards: accounts that exist, and not one’s own', async () => {
    for (const name of ['rich', 'nobody-at-all']) {
      const args = { title: 'A title', forwards: [{ name, percent: 10 }] };
      await expect(open(world.rich, { type: 'ITEM_CREATE', args })).rejects.toMatchObject({
        code: 'item.forward',
      });
    }
  });
});

describe('zaps', () => {
  it('are split 70 to those who receive them and 30 to the pool, forwards before the author', async () => {
    const [a, b] = [await somebody(0n), await somebody(0n)];
    const itemId = await world.item({
      forwards: [
        { name: a.name, percent: 33 },
        { name: b.name, percent: 50 },
      ],
    });
    const { view } = await open(world.rich, zapOf(itemId, 101));
    // 70 % of 101,000 msat are 70,700: 33 % of it, 50 %, and 17 % for the author. The rest is the pool's.
    expect((await legsOf(world.fixture, view.id)).filter((leg) => leg.startsWith('out'))).toEqual([
      'out ZAP CREDITS 35350 35350',
      'out ZAP CREDITS 23331 23331',
      'out ZAP CREDITS 12019 12019',
      'out POOL SATS 30300 30300',
    ]);
    expect([await world.fixture.balance(a), await world.fixture.balance(b)]).toEqual([
      ...[23_331n, 35_350n],
    ]);
    await expect(open(a, zapOf(itemId))).rejects.toMatchObject({ code: 'item.forwarded' });
    await expect(open(world.author, zapOf(itemId))).rejects.toMatchObject({ code: 'item.own' });
  });

  it('B4: weigh by how much the sum of their voter grew, times its trust', async () => {
    const itemId = await world.item();
    const [seed, other] = [await somebody(), await somebody()];
    await world.fixture.pool.query('insert into trust_seeds values ($1)', [seed.id]);
    await open(seed, zapOf(itemId, 10));
    expect(await world.counters(itemId)).toMatchObject({ weighted_votes: 1, zappers: 1, zaps: 1 });
    await open(seed, zapOf(itemId, 90));
    await open(other, zapOf(itemId, 1000));
    const counters = await world.counters(itemId);
    expect(counters['weighted_votes']).toBeCloseTo(2, 9);
    expect(counters).toMatchObject({ zappers: 2, zaps: 3, zapped_msat: 1_100_000n });
  });

  it('zap undo: a pending one is cancelled, a paid one stays', async () => {
    const itemId = await world.item();
    const by = await somebody(0n);
    const pending = await world.unpaid(zapOf(itemId), by);
    const cancel = { actionId: pending.id, caller: by };
    expect((await cancelAction(world.fixture.engine, cancel)).view.state).toBe('FAILED');
    expect(await world.counters(itemId)).toMatchObject({ zaps: 0, zapped_msat: 0n });
    const paid = await world.unpaid(zapOf(itemId), by);
    await world.pay(paid);
    await expect(
      cancelAction(world.fixture.engine, { actionId: paid.id, caller: by }),
    ).rejects.toMatchObject({ code: 'action.not_cancellable' });
    expect(await world.counters(itemId)).toMatchObject({ zaps: 1 });
  });
});

describe('what is gone when the money comes', () => {
  it('O9: a deleted item is not zapped, and a reply to it not posted: the payer has the money', async () => {
    const [payer, replier] = [await somebody(0n), await somebody(0n)];
    const itemId = await world.item();
    const zapping = await world.unpaid(zapOf(itemId, 10), payer);
    await world.fixture.pool.query(
      `insert into free_comments values ($1, date_trunc('month', now() at time zone 'UTC'), 5)`,
      [replier.id],
    );
    const replying = await world.unpaid(reply(itemId, 'too late'), replier);
    await deleteItem(world.fixture.pool, itemId, world.author.id);
    for (const [view, by] of [
      [zapping, payer],
      [replying, replier],
    ] as const) {
      await world.fixture.pay(view);
      // Refused once, then applied without the type.
      await expect(report(world.fixture, view, 'settled')).rejects.toThrow();
      await report(world.fixture, view, 'settled');
      expect(await statesOf(world.fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
      expect(await world.fixture.balance(by)).toBe(view.costMsat);
    }
    expect(await world.counters(itemId)).toMatchObject({ zaps: 0, comments: 0 });
  });

  it('O15: an unpaid item that its author has deleted is not paid any more, nor tried again', async () => {
    const by = await somebody(0n);
    const view = await world.unpaid(post(1), by);
    await deleteItem(world.fixture.pool, itemOf(view), by.id);
    await world.fail(view);
    await expect(retry(world.fixture, view.id, by)).rejects.toMatchObject({ code: 'item.deleted' });
  });
});

describe('what was stored by a release before', () => {
  it('of version 1 is a post without a kind', async () => {
    const { view } = await world.fixture.open(ANONYMOUS, post(1));
    await world.fixture.pay(view);
    await world.fixture.pool.query(
      `update actions set args_version = 1, args = jsonb_build_object('title', 'Tiny', 'url', 'https://a.b', 'text', '') where id = $1`,
      [view.id],
    );
    await report(world.fixture, view, 'held');
    expect(
      await world.fixture.count(`items where action_id = $1 and kind = 'link' and title = 'Tiny'`, [
        view.id,
      ]),
    ).toBe(1);
  });
});

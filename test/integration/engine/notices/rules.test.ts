import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transact } from '../../../../engine/context.js';
import { addToList } from '../../../../engine/accounts/follows.js';
import {
  countUnread,
  dismissNotice,
  markRead,
  readNotices,
} from '../../../../engine/actions/read-notices.js';
import { deleteItem } from '../../../../engine/items/delete-item.js';
import { type News, tellMore, tellOnce } from '../../../../engine/notices/tell.js';
import { PRICES } from '../../../../domain/territories/billing.js';
import { ActionFixture } from '../actions/fixture.helper.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import { World } from '../actions/items/world.helper.js';
import { Territories } from '../territories/fixture.helper.js';
import { doEffects, toldTo } from './told.helper.js';

let fixture: ActionFixture;
let world: World;
let people = 0;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  await fixture.pool.query(
    'update item_rules set spam_seconds = 0, duplicate_seconds = 0, unpaid_in_a_row = null',
  );
  world = await World.create(fixture);
});
afterAll(() => fixture.close());

function person(msat = 1_000_000_000n): Promise<Person> {
  people += 1;
  return fixture.account(`ruled${people}`, msat);
}

const mutes = (by: Person, whom: Person): Promise<void> =>
  transact(fixture.engine, (tx) => addToList(tx, 'mutes', by.id, whom.name));
const follows = (by: Person, whom: Person): Promise<void> =>
  transact(fixture.engine, (tx) => addToList(tx, 'follows', by.id, whom.name));
const once = (...news: News[]): Promise<void> =>
  transact(fixture.engine, (tx) => tellOnce(tx, news));
const more = (...news: News[]): Promise<void> =>
  transact(fixture.engine, (tx) => tellMore(tx, news));

describe('a notice', () => {
  const about = (account: Person, by: Person, key = 'a') =>
    ({ account: account.id, kind: 'INVITE', key, by: by.id }) as const;

  it('tells an account of a thing once, in the words of the first', async () => {
    const [told, first, second] = [await person(), await person(), await person()];
    await once(about(told, first), about(told, first, 'b'));
    await once(about(told, second));
    expect((await toldTo(fixture, told)).sort()).toEqual([
      ...[`INVITE by ${first.name}`, `INVITE by ${first.name}`],
    ]);
    await markRead(fixture.pool, told.id, null);
    await once(about(told, second));
    expect(await countUnread(fixture.pool, told.id)).toBe(0);
  });

  it('is not of what one has done oneself, nor of whom one mutes; others are told', async () => {
    const [told, other, muted] = [await person(), await person(), await person()];
    await mutes(told, muted);
    for (const tell of [once, more]) {
      await tell(about(told, told), about(told, muted, 'b'), about(other, muted, 'b'));
    }
    expect(await toldTo(fixture, told)).toEqual([]);
    expect(await toldTo(fixture, other)).toEqual([`INVITE by ${muted.name} x2`]);
  });

  it('that adds up says how much and how often, and is unread and shown again', async () => {
    const [star, fan, other] = [await person(), await person(), await person()];
    const zap = (by: Person, amountMsat: bigint): News => ({
      ...{ account: star.id, kind: 'ZAP', key: 'zaps/1', by: by.id, amountMsat },
    });
    await more(zap(fan, 5n));
    await more(zap(fan, 6n));
    const [first] = await readNotices(fixture.pool, star.id, undefined, 10);
    await markRead(fixture.pool, star.id, null);
    expect(await countUnread(fixture.pool, star.id)).toBe(0);
    await dismissNotice(fixture.pool, star.id, String(first?.id));
    expect(await toldTo(fixture, star)).toEqual([]);
    await more(zap(other, 7n));
    const [again] = await readNotices(fixture.pool, star.id, undefined, 10);
    expect(again).toMatchObject({ by: other.name, amountMsat: 18n, times: 3, read: false });
    expect(again?.at.getTime()).toBeGreaterThan(first?.at.getTime() ?? Infinity);
  });

  it('that was dismissed stays away, is counted no more, and is that of its account', async () => {
    const [told, by, other] = [await person(), await person(), await person()];
    await once(about(told, by), about(told, by, 'b'));
    const [first] = await readNotices(fixture.pool, told.id, undefined, 10);
    const id = String(first?.id);
    await expect(dismissNotice(fixture.pool, other.id, id)).rejects.toMatchObject({
      code: 'notice.not_found',
    });
    for (let times = 0; times < 2; times += 1) await dismissNotice(fixture.pool, told.id, id);
    expect(await countUnread(fixture.pool, told.id)).toBe(1);
    await once(about(told, by), about(told, by, 'b'));
    expect(await toldTo(fixture, told)).toHaveLength(1);
  });

  it('is read through the time that was seen, and not what came after it', async () => {
    const [told, by] = [await person(), await person()];
    await once(about(told, by));
    const [first] = await readNotices(fixture.pool, told.id, undefined, 10);
    await fixture.pool.query(
      `update notices set at = at - interval '1 second' where account = $1`,
      [told.id],
    );
    await once(about(told, by, 'b'));
    await markRead(fixture.pool, told.id, new Date((first?.at.getTime() ?? 0) - 999));
    expect(await countUnread(fixture.pool, told.id)).toBe(1);
    const all = await readNotices(fixture.pool, told.id, undefined, 10);
    expect(all.map(({ read }) => read)).toEqual([false, true]);
  });
});

describe('whom an item concerns', () => {
  it('those to whom items above forward: of the thread', async () => {
    const [op, helper, writer] = [await person(), await person(), await person()];
    const post = await world.item({ forwards: [{ name: helper.name, percent: 10 }] }, op);
    const first = await world.comment(post, 'one', op);
    await world.comment(first, 'two', writer);
    await doEffects(fixture);
    expect(await toldTo(fixture, helper)).toEqual([
      ...[`THREAD by ${op.name}`, `THREAD by ${writer.name}`],
    ]);
  });

  it('followers of its author, of posts and of comments, and not of an edit', async () => {
    const [fan, late, writer] = [await person(), await person(), await person()];
    await follows(fan, writer);
    const post = await world.item({}, writer);
    await world.comment(await world.item(), 'hello', writer);
    await doEffects(fixture);
    await follows(late, writer);
    await world.paid('ITEM_UPDATE', { itemId: post, text: 'changed' }, writer);
    await doEffects(fixture);
    expect(await toldTo(fixture, fan)).toEqual([
      ...[`FOLLOWED_ITEM by ${writer.name}`, `FOLLOWED_ITEM by ${writer.name}`],
    ]);
    expect(await toldTo(fixture, late)).toEqual([]);
  });

  it('followers of its territory, of posts and not of comments; not its author', async () => {
    const territories = new Territories(fixture);
    const [owner, fan, writer] = [
      await person(10n * PRICES.MONTHLY),
      await person(),
      await person(),
    ];
    await territories.create(owner, 'ruled');
    for (const one of [fan, writer]) {
      await transact(fixture.engine, (tx) => addToList(tx, 'territory_follows', one.id, 'ruled'));
    }
    const post = await world.item({ territories: ['ruled'] }, writer);
    await world.comment(post, 'hello', owner);
    await doEffects(fixture);
    expect(await toldTo(fixture, fan)).toEqual([`TERRITORY_ITEM by ${writer.name}`]);
    expect(await toldTo(fixture, writer)).toEqual([`REPLY by ${owner.name}`]);
  });

  it('the most particular reason holds, whatever else would too', async () => {
    const [all, writer] = [await person(), await person()];
    const own = await world.item({}, all);
    await follows(all, writer);
    const reason = async (parent: string | undefined, text: string): Promise<string> => {
      await (parent === undefined
        ? world.item({ text }, writer)
        : world.comment(parent, text, writer));
      await doEffects(fixture);
      return (await toldTo(fixture, all)).at(-1) ?? '';
    };
    const everything = `@${all.name} /items/${own}`;
    const below = await world.comment(own, 'below', world.rich);
    await doEffects(fixture);
    expect([
      await reason(own, everything),
      await reason(below, everything),
      await reason(undefined, everything),
      await reason(undefined, `/items/${own}`),
      await reason(undefined, 'nothing'),
    ]).toEqual(
      ['REPLY', 'THREAD', 'MENTION', 'ITEM_MENTION', 'FOLLOWED_ITEM'].map(
        (kind) => `${kind} by ${writer.name}`,
      ),
    );
  });

  it('not authors of what is unpaid or deleted, nor accounts that are no users', async () => {
    const [linked, writer] = [await person(), await person()];
    const gone = await world.item({}, linked);
    await deleteItem(fixture.pool, gone, linked.id);
    const unpaid = await world.unpaid(
      { type: 'ITEM_CREATE', args: { title: 'Not paid yet' } },
      linked,
    );
    const itemId = unpaid.result['itemId'] ?? '';
    await fixture.pool.query(`update accounts set role = 'operator' where id = $1`, [
      (await fixture.account('staff')).id,
    ]);
    await world.item({ text: `/items/${gone} /items/${itemId} @staff` }, writer);
    await doEffects(fixture);
    expect(await toldTo(fixture, linked)).toEqual([]);
    expect(await fixture.count(`notices where by_account = $1`, [writer.id])).toBe(0);
  });

  it('once: a text that is saved again leaves what was read as it was', async () => {
    const [named, writer] = [await person(), await person()];
    const item = await world.item({ text: `@${named.name}` }, writer);
    await doEffects(fixture);
    await markRead(fixture.pool, named.id, null);
    const [before] = await readNotices(fixture.pool, named.id, undefined, 10);
    await world.paid('ITEM_UPDATE', { itemId: item, text: `again @${named.name}` }, writer);
    await doEffects(fixture);
    expect(await readNotices(fixture.pool, named.id, undefined, 10)).toEqual([before]);
  });

  it('nobody, by an edit of what is not paid; then by its payment', async () => {
    const [named, writer] = [await person(), await person()];
    const args = { title: 'Edited before it is paid' };
    const view = await world.unpaid({ type: 'ITEM_CREATE', args }, writer);
    const edit = { itemId: view.result['itemId'], text: `@${named.name}` };
    await world.paid('ITEM_UPDATE', edit, writer);
    await doEffects(fixture);
    expect(await toldTo(fixture, named)).toEqual([]);
    await world.pay(view);
    await doEffects(fixture);
    expect(await toldTo(fixture, named)).toEqual([`MENTION by ${writer.name}`]);
  });

  it('nobody, where it was deleted before its effects were done', async () => {
    const [fan, writer] = [await person(), await person()];
    await follows(fan, writer);
    const item = await world.item({}, writer);
    await deleteItem(fixture.pool, item, writer.id);
    await doEffects(fixture);
    // Not only hidden: nobody is pushed either.
    expect(await fixture.count('notices where item_id = $1', [item])).toBe(0);
  });

  it('nobody, where it is a job that was stopped', async () => {
    const [fan, writer] = [await person(), await person()];
    await follows(fan, writer);
    const item = await world.item({ kind: 'job', url: 'https://a.b', company: 'Us' }, writer);
    await fixture.pool.query('update items set stopped_at = clock_timestamp() where id = $1', [
      item,
    ]);
    await doEffects(fixture);
    expect(await toldTo(fixture, fan)).toEqual([]);
  });
});

it('what was earned is still told of when its item is deleted; what was said is not', async () => {
  const [author, fan] = [await person(), await person()];
  const item = await world.item({}, author);
  await world.paid('ZAP', { itemId: item, sats: 10 }, fan);
  const reply = await world.comment(item, 'a reply', fan);
  await doEffects(fixture);
  await deleteItem(fixture.pool, reply, fan.id);
  await deleteItem(fixture.pool, item, author.id);
  expect(await toldTo(fixture, author)).toEqual([`ZAP by ${fan.name} 7000`]);
  expect(await countUnread(fixture.pool, author.id)).toBe(1);
});

it('an author who votes in an own poll is not told of it', async () => {
  const pollster = await person();
  const poll = await world.item({ kind: 'poll', options: ['this', 'that'] }, pollster);
  const { rows } = await fixture.pool.query<{ id: bigint }>(
    'select id from poll_options where item_id = $1',
    [poll],
  );
  await world.paid('POLL_VOTE', { itemId: poll, optionId: String(rows[0]?.id) }, pollster);
  await doEffects(fixture);
  expect(await toldTo(fixture, pollster)).toEqual([]);
});

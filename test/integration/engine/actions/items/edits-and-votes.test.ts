import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteItem } from '../../../../../engine/items/delete-item.js';
import { readItem } from '../../../../../engine/items/read-items.js';
import type { ItemView } from '../../../../../engine/items/item-view.js';
import { type Person, report, retry, statesOf } from '../bugs/bugs.helper.js';
import { ANONYMOUS, zapOf } from '../fixture.helper.js';
import { itemOf, World } from './world.helper.js';

let world: World;
let accounts = 0;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

const somebody = (msat = 0n): Promise<Person> => {
  accounts += 1;
  return world.fixture.account(`somebody-${accounts}`, msat);
};
const edit = (itemId: string, args: object, by: Person = world.author) =>
  world.fixture.open(by, { type: 'ITEM_UPDATE', args: { itemId, ...args } });
const read = async (itemId: string, by?: Person): Promise<ItemView> => {
  const item = await readItem(world.fixture.pool, BigInt(itemId), by ?? ANONYMOUS);
  if (item === undefined) throw new Error(`item ${itemId} is not seen`);
  return item;
};
const windowClosed = (itemId: string) =>
  world.fixture.pool.query(
    `update items set paid_at = clock_timestamp() - interval '600 s' where id = $1`,
    [itemId],
  );

describe('edits', () => {
  it('change what is named, for free, within 600 s of the payment', async () => {
    const itemId = await world.item({ text: 'before', url: 'https://a.b' });
    const edited = await edit(itemId, { text: 'after', title: 'Another title' });
    expect(edited.view).toMatchObject({ state: 'PAID', costMsat: 0n });
    expect(await read(itemId)).toMatchObject({
      ...{ title: 'Another title', text: 'after', url: 'https://a.b' },
    });
    await windowClosed(itemId);
    await expect(edit(itemId, { text: 'too late' })).rejects.toMatchObject({
      code: 'item.not_editable',
    });
  });

  it('B54: the window opens at the payment; an unpaid item is edited for free, and not for money', async () => {
    const by = await somebody();
    const view = await world.unpaid({ type: 'ITEM_CREATE', args: { title: 'An old post' } }, by);
    const itemId = itemOf(view);
    await world.fixture.pool.query(
      `update items set created_at = now() - interval '1 day' where id = $1`,
      [itemId],
    );
    await edit(itemId, { text: 'while it is unpaid' }, by);
    await expect(edit(itemId, { boostSats: 1 }, by)).rejects.toMatchObject({ code: 'item.unpaid' });
    expect(await world.pay(view)).toEqual(['PAID']);
    expect(await read(itemId)).toMatchObject({ text: 'while it is unpaid' });
    await edit(itemId, { text: 'in the window' }, by);
    expect(await read(itemId)).toMatchObject({ text: 'in the window' });
  });

  it('are their author’s alone, and show nobody what is unpaid', async () => {
    const unpaid = itemOf(
      await world.unpaid({ type: 'ITEM_CREATE', args: { title: 'Unseen' } }, await somebody()),
    );
    const stranger = await somebody();
    await expect(edit(unpaid, { text: 'x' }, stranger)).rejects.toMatchObject({
      code: 'item.not_found',
    });
    await expect(edit(await world.item(), { text: 'x' }, stranger)).rejects.toMatchObject({
      code: 'item.not_own',
    });
    await expect(
      world.fixture.open(ANONYMOUS, { type: 'ITEM_UPDATE', args: { itemId: unpaid, text: 'x' } }),
    ).rejects.toMatchObject({ code: 'action.login_required' });
  });

  it('a boost grows and never shrinks; without credits it is paid first', async () => {
    const by = await somebody(1_000_000n);
    const itemId = await world.item({ boostSats: 5 }, by);
    expect((await edit(itemId, { boostSats: 8 }, by)).view.costMsat).toBe(3_000n);
    expect(await read(itemId)).toMatchObject({ boostMsat: 8_000n });
    await expect(edit(itemId, { boostSats: 7 }, by)).rejects.toMatchObject({
      code: 'item.boost_shrinks',
    });
    const unpaid = await world.unpaid(
      { type: 'ITEM_UPDATE', args: { itemId, boostSats: 9, text: 'boosted' } },
      by,
    );
    expect(unpaid.attempts).toMatchObject([{ flow: 'pessimistic', state: 'PENDING_HELD' }]);
    expect(await read(itemId)).toMatchObject({ boostMsat: 8_000n, text: '' });
    expect(await world.pay(unpaid)).toEqual(['PAID']);
    expect(await read(itemId)).toMatchObject({ boostMsat: 9_000n, text: 'boosted' });
  });

  it('a bounty goes up and down, options are added, a job stops and starts again', async () => {
    const bounty = await world.item({ kind: 'bounty', bountySats: 2_000 });
    for (const sats of [5_000, 1_000]) {
      await edit(bounty, { bountySats: sats });
      expect(await read(bounty)).toMatchObject({ bountyMsat: BigInt(sats) * 1000n });
    }
    const poll = await world.item({ kind: 'poll', options: ['a', 'b'] });
    await edit(poll, { addOptions: ['c', 'd'] });
    expect((await read(poll)).poll?.options.map(({ text }) => text)).toEqual(Array.from('abcd'));
    for (const addOptions of [['a'], Array.from('efghijk')]) {
      await expect(edit(poll, { addOptions })).rejects.toMatchObject({ code: 'item.not_possible' });
    }
    await expect(edit(poll, { options: ['z', 'y'] })).rejects.toMatchObject({
      code: 'action.invalid_args',
    });
    const job = await world.item({ kind: 'job', url: 'https://a.b', company: 'Us' });
    await windowClosed(job);
    await edit(job, { stopped: true, location: 'Here' });
    await expect(read(job)).rejects.toThrow('is not seen');
    expect(await read(job, world.author)).toMatchObject({
      job: { company: 'Us', location: 'Here' },
    });
    await expect(world.fixture.open(world.rich, zapOf(job))).rejects.toMatchObject({
      code: 'item.not_found',
    });
    await edit(job, { stopped: false });
    expect(await read(job)).toMatchObject({ stoppedAt: null });
  });

  it('forwards are replaced, and a kind has its own fields only', async () => {
    const itemId = await world.item({ forwards: [{ name: 'rich', percent: 100 }] });
    await edit(itemId, { forwards: [{ name: 'payer', percent: 10 }] });
    const { view } = await world.fixture.open(world.rich, zapOf(itemId, 10));
    expect(view.state).toBe('PAID');
    await expect(edit(itemId, { bountySats: 1_000 })).rejects.toMatchObject({
      code: 'item.not_possible',
    });
    const comment = await world.comment(itemId);
    await expect(edit(comment, { title: 'A comment has none' })).rejects.toMatchObject({
      code: 'item.not_possible',
    });
  });
});

describe('deletion', () => {
  it('blanks, keeps the place in the thread, and is final', async () => {
    const itemId = await world.item({ text: 'a secret', url: 'https://a.b' });
    const comment = await world.comment(itemId);
    await expect(deleteItem(world.fixture.pool, itemId, world.rich.id)).rejects.toMatchObject({
      code: 'item.not_own',
    });
    await deleteItem(world.fixture.pool, itemId, world.author.id);
    await deleteItem(world.fixture.pool, itemId, world.author.id);
    expect(await read(itemId)).toMatchObject({
      title: '[deleted]',
      text: '',
      url: null,
      comments: 1,
    });
    expect(await read(comment)).toMatchObject({ text: 'A comment' });
    for (const request of [
      zapOf(itemId),
      { type: 'BOOST', args: { itemId, sats: 1 } },
      { type: 'ITEM_CREATE', args: { kind: 'comment', parentId: itemId, text: 'x' } },
    ]) {
      await expect(world.fixture.open(world.rich, request)).rejects.toMatchObject({
        code: 'item.deleted',
      });
    }
    await expect(edit(itemId, { text: 'again' })).rejects.toMatchObject({ code: 'item.deleted' });
  });
});

describe('poll votes', () => {
  const options = async (itemId: string): Promise<readonly string[]> =>
    (await read(itemId)).poll?.options.map(({ id }) => id) ?? [];
  const vote = (itemId: string, optionId: string | undefined) => ({
    type: 'POLL_VOTE',
    args: { itemId, optionId },
  });
  const votes = async (itemId: string) =>
    (await read(itemId)).poll?.options.map((option) => option.votes);

  it('O4: one of each account, however many it opens; a failed one is tried again, or another is', async () => {
    const poll = await world.item({ kind: 'poll', options: ['a', 'b'] });
    const [a, b] = await options(poll);
    const by = await somebody();
    const pending = await world.unpaid(vote(poll, a), by);
    await expect(world.unpaid(vote(poll, b), by)).rejects.toMatchObject({ code: 'poll.voted' });
    expect(await votes(poll)).toEqual([0, 0]);
    await world.fail(pending);
    const other = await world.unpaid(vote(poll, b), by);
    await expect(retry(world.fixture, pending.id, by)).rejects.toMatchObject({
      code: 'poll.voted',
    });
    expect(await world.pay(other)).toEqual(['PAID']);
    expect(await votes(poll)).toEqual([0, 1]);
    // Late money for the first one finds that its voter has voted: it becomes credits.
    await report(world.fixture, pending, 'settled');
    expect(await votes(poll)).toEqual([0, 1]);
    expect(await world.fixture.balance(by)).toBe(1_000n);
    await expect(world.unpaid(vote(poll, b), by)).rejects.toMatchObject({ code: 'poll.voted' });
  });

  it('nothing says what an account has voted once it is paid', async () => {
    const poll = await world.item({ kind: 'poll', options: ['a', 'b'] });
    const [a] = await options(poll);
    const { id, args } = await world.paid('POLL_VOTE', vote(poll, a).args, world.rich);
    expect(args).toEqual({ itemId: poll });
    expect(await world.fixture.count('poll_votes where action_id = $1', [id])).toBe(0);
    expect(await votes(poll)).toEqual([1, 0]);
  });

  it('O6: none after the end of the poll, nor one that is paid after it', async () => {
    const poll = await world.item({ kind: 'poll', options: ['a', 'b'] });
    const [a] = await options(poll);
    const by = await somebody();
    const pending = await world.unpaid(vote(poll, a), by);
    await world.fixture.pool.query('update items set poll_ends_at = now() where id = $1', [poll]);
    for (const payment of ['credits', 'invoice'] as const) {
      await expect(
        world.fixture.open(world.rich, { ...vote(poll, a), payment }),
      ).rejects.toMatchObject({ code: 'poll.over' });
    }
    await world.fixture.pay(pending);
    await expect(report(world.fixture, pending, 'settled')).rejects.toThrow();
    await report(world.fixture, pending, 'settled');
    expect(await statesOf(world.fixture, pending.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect(await world.fixture.balance(by)).toBe(1_000n);
    expect(await votes(poll)).toEqual([0, 0]);
  });

  it('only for options of the poll', async () => {
    const [poll, another] = [
      await world.item({ kind: 'poll', options: ['a', 'b'] }),
      await world.item({ kind: 'poll', options: ['a', 'b'] }),
    ];
    const [foreign] = await options(another);
    await expect(world.fixture.open(world.rich, vote(poll, foreign))).rejects.toMatchObject({
      code: 'poll.no_option',
    });
  });
});

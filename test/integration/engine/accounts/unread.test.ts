import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markSeen, readUnread } from '../../../../engine/accounts/unread.js';
import { transact } from '../../../../engine/context.js';
import { rollUpItems } from '../../../../engine/items/roll-up.js';
import { type Person, retry } from '../actions/bugs/bugs.helper.js';
import { zapOf } from '../actions/fixture.helper.js';
import { World } from '../actions/items/world.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

const newFor = async (who: Person) => (await readUnread(world.fixture.pool, who.id)).of;
const seen = (who: Person) => transact(world.fixture.engine, (tx) => markSeen(tx, who.id));
const rollUp = async (): Promise<void> => {
  while (await rollUpItems(world.fixture.pool));
};

describe('there is something new', () => {
  it('when a reply to an own item is paid, summed up or not, and not before', async () => {
    const post = await world.item();
    const below = await world.comment(post);
    await seen(world.author);
    for (const parentId of [post, below]) {
      const reply = { kind: 'comment', parentId, text: 'A late reply' };
      const view = await world.unpaid({ type: 'ITEM_CREATE', args: reply }, world.payer);
      expect(await newFor(world.author)).toEqual([]);
      await world.pay(view);
      expect(await newFor(world.author)).toEqual(['replies']);
      await rollUp();
      expect(await newFor(world.author)).toEqual(['replies']);
      await seen(world.author);
      expect(await newFor(world.author)).toEqual([]);
    }
    await world.comment(post, 'My own');
    expect(await newFor(world.author)).toEqual([]);
  });

  it('when a zap of an own item is paid, unless the account mutes its payer', async () => {
    const post = await world.item();
    await rollUp();
    await seen(world.author);
    const view = await world.unpaid(zapOf(post, 1), world.payer);
    expect(await newFor(world.author)).toEqual([]);
    await world.pay(view);
    expect(await newFor(world.author)).toEqual(['zaps']);
    await rollUp();
    expect(await newFor(world.author)).toEqual(['zaps']);
    await world.fixture.pool.query('insert into mutes (account, muted) values ($1, $2)', [
      world.author.id,
      world.payer.id,
    ]);
    expect(await newFor(world.author)).toEqual([]);
    await world.fixture.pool.query('delete from mutes');
    await seen(world.author);
  });

  it('when a vote in an own poll is paid', async () => {
    const itemId = await world.item({ kind: 'poll', options: ['a', 'b'] });
    const { rows } = await world.fixture.pool.query<{ id: bigint }>(
      'select id from poll_options where item_id = $1 limit 1',
      [itemId],
    );
    await seen(world.author);
    const vote = { type: 'POLL_VOTE', args: { itemId, optionId: String(rows[0]?.id) } };
    const view = await world.unpaid(vote, world.payer);
    expect(await newFor(world.author)).toEqual([]);
    await world.pay(view);
    expect(await newFor(world.author)).toEqual(['votes']);
    await seen(world.author);
  });

  it('when an own payment of an item, a zap or a vote has failed, until it is tried again', async () => {
    const itemId = await world.item({ kind: 'poll', options: ['a', 'b'] });
    const { rows } = await world.fixture.pool.query<{ id: bigint }>(
      'select id from poll_options where item_id = $1 limit 1',
      [itemId],
    );
    const requests = [
      zapOf(itemId, 2),
      { type: 'DOWN_ZAP', args: { itemId, sats: 1 } },
      { type: 'POLL_VOTE', args: { itemId, optionId: String(rows[0]?.id) } },
      { type: 'ITEM_CREATE', args: { title: 'It will fail' } },
    ];
    await seen(world.payer);
    for (const request of requests) {
      const view = await world.unpaid(request, world.payer);
      expect(await newFor(world.payer), request.type).toEqual([]);
      await world.fail(view);
      expect(await newFor(world.payer), request.type).toEqual(['failures']);
      expect(await newFor(world.author)).toEqual([]);
      await retry(world.fixture, view.id, world.payer, 'invoice');
      expect(await newFor(world.payer), request.type).toEqual([]);
    }
    const edit = { type: 'DONATE', args: { sats: 1 } };
    await world.fail(await world.unpaid(edit, world.payer));
    expect(await newFor(world.payer)).toEqual([]);
  });
});

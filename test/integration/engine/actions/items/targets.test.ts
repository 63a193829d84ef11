import { afterAll, beforeAll, expect, it } from 'vitest';
import { deleteItem } from '../../../../../engine/items/delete-item.js';
import { report, statesOf } from '../bugs/bugs.helper.js';
import { ANONYMOUS, zapOf } from '../fixture.helper.js';
import { World } from './world.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

async function poll(): Promise<{ itemId: string; optionId: string }> {
  const itemId = await world.item({ kind: 'poll', options: ['a', 'b'] });
  const { rows } = await world.fixture.pool.query<{ id: bigint }>(
    'select id from poll_options where item_id = $1 limit 1',
    [itemId],
  );
  return { itemId, optionId: String(rows[0]?.id) };
}

const ACTS: readonly (readonly [string, (of: { itemId: string; optionId: string }) => object])[] = [
  ['ZAP', ({ itemId }) => ({ itemId, sats: 3 })],
  ['DOWN_ZAP', ({ itemId }) => ({ itemId, sats: 3 })],
  ['BOOST', ({ itemId }) => ({ itemId, sats: 3 })],
  ['POLL_VOTE', (of) => of],
  ['ITEM_CREATE', ({ itemId }) => ({ kind: 'comment', parentId: itemId, text: 'late' })],
];

it.each(ACTS)(
  'O9: what is paid for an item that was deleted meanwhile goes back: %s',
  async (type, argsFor) => {
    const target = await poll();
    const by = await world.fixture.account(`late-${type.toLowerCase().replaceAll('_', '-')}`);
    await world.fixture.pool.query(
      `insert into free_comments values ($1, date_trunc('month', now() at time zone 'UTC'), 5)`,
      [by.id],
    );
    const view = await world.unpaid({ type, args: argsFor(target) }, by);
    await deleteItem(world.fixture.pool, target.itemId, world.author.id);
    const before = await world.everybodySees();
    await world.fixture.pay(view);
    await expect(report(world.fixture, view, 'settled')).rejects.toThrow();
    await report(world.fixture, view, 'settled');
    expect(await statesOf(world.fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect(await world.fixture.balance(by)).toBe(view.costMsat);
    expect(await world.everybodySees()).toEqual(before);
  },
);

it('O9: what is held for an item that was deleted meanwhile is not taken', async () => {
  const itemId = await world.item();
  const { view } = await world.fixture.open(ANONYMOUS, { ...zapOf(itemId), payment: 'invoice' });
  await deleteItem(world.fixture.pool, itemId, world.author.id);
  const before = await world.everybodySees();
  await world.pay(view);
  expect(await statesOf(world.fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
  expect(await world.everybodySees()).toEqual(before);
  expect((await world.fixture.wallets.find('payer'))?.balanceMsat).toBeGreaterThan(0n);
});

it('O9: an edit of an item that was deleted meanwhile is not made', async () => {
  const by = await world.fixture.account('editor', 1_000n);
  const itemId = await world.item({}, by);
  const request = { type: 'ITEM_UPDATE', args: { itemId, text: 'Changed', boostSats: 5 } };
  const view = await world.unpaid(request, by);
  await deleteItem(world.fixture.pool, itemId, by.id);
  await world.pay(view);
  expect(await statesOf(world.fixture, view.id)).toEqual(['FAILED EXECUTION_FAILED']);
  expect(await world.fixture.count(`items where id = $1 and text = ''`, [itemId])).toBe(1);
});

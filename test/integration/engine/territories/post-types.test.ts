import { afterAll, beforeAll, expect, it } from 'vitest';
import { PRICES } from '../../../../domain/territories/billing.js';
import { World } from '../actions/items/world.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

it('a territory takes the kinds of posts that its owner wants, and replies to them', async () => {
  const owner = await world.fixture.account('owner', PRICES.MONTHLY);
  await world.paid(
    'TERRITORY_CREATE',
    { name: '21_links', billing: 'MONTHLY', postTypes: ['LINK'] },
    owner,
  );
  const post = (args: object) =>
    world.fixture.open(world.rich, {
      type: 'ITEM_CREATE',
      args: { title: 'A title', territories: ['21_Links'], ...args },
    });
  await expect(post({})).rejects.toMatchObject({ code: 'item.not_possible' });
  await expect(post({ kind: 'poll', options: ['a', 'b'] })).rejects.toMatchObject({
    code: 'item.not_possible',
  });
  const { view } = await post({ url: 'https://a.b' });
  expect(view.state).toBe('PAID');
  await world.comment(view.result['itemId'] ?? '', 'A reply');
  // Nor is a post moved there by an edit.
  const itemId = await world.item();
  const move = { type: 'ITEM_UPDATE', args: { itemId, territories: ['21_links'] } };
  await expect(world.fixture.open(world.author, move)).rejects.toMatchObject({
    code: 'item.not_possible',
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transact } from '../../../../engine/context.js';
import { addToList } from '../../../../engine/accounts/follows.js';
import { deleteItem } from '../../../../engine/items/delete-item.js';
import { ActionFixture } from '../actions/fixture.helper.js';
import { World } from '../actions/items/world.helper.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import { doEffects, toldTo } from './told.helper.js';

let fixture: ActionFixture;
let world: World;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  await fixture.pool.query(
    'update item_rules set spam_seconds = 0, duplicate_seconds = 0, unpaid_in_a_row = null',
  );
  world = await World.create(fixture);
});
afterAll(() => fixture.close());

const rich = (name: string): Promise<Person> => fixture.account(name, 1_000_000_000n);

async function follows(person: Person, name: string): Promise<void> {
  await transact(fixture.engine, (tx) => addToList(tx, 'follows', person.id, name));
}

describe('who is told of an item', () => {
  it('the author of the parent, those above, once each and of the most particular reason', async () => {
    const [op, first, second, fan] = await Promise.all(['op', 'first', 'second', 'fan'].map(rich));
    if (!op || !first || !second || !fan) throw new Error('no accounts');
    await follows(fan, 'second');
    const post = await world.item({}, op);
    const reply = await world.comment(post, 'hello @op', first);
    await world.comment(reply, 'hello @first and @op', second);
    await doEffects(fixture);
    expect(await toldTo(fixture, op)).toEqual(['REPLY by first', 'THREAD by second']);
    expect(await toldTo(fixture, first)).toEqual(['REPLY by second']);
    expect(await toldTo(fixture, fan)).toEqual(['FOLLOWED_ITEM by second']);
    expect(await toldTo(fixture, second)).toEqual([]);
  });

  it('not who mutes the author, and not of what is deleted by then', async () => {
    const [quiet, loud] = await Promise.all(['quiet', 'loud'].map(rich));
    if (!quiet || !loud) throw new Error('no accounts');
    const post = await world.item({}, quiet);
    const heard = await world.comment(post, 'heard', loud);
    await doEffects(fixture);
    expect(await toldTo(fixture, quiet)).toEqual(['REPLY by loud']);
    await deleteItem(fixture.pool, heard, loud.id);
    expect(await toldTo(fixture, quiet)).toEqual([]);
    await deleteItem(fixture.pool, await world.comment(post, 'too late', loud), loud.id);
    await doEffects(fixture);
    await transact(fixture.engine, (tx) => addToList(tx, 'mutes', quiet.id, 'loud'));
    await world.comment(post, 'unheard @quiet', loud);
    await doEffects(fixture);
    expect(await toldTo(fixture, quiet)).toEqual([]);
  });

  it('not of what is not paid: only when it is', async () => {
    const [waiting, slow] = await Promise.all(['waiting', 'slow'].map(rich));
    if (!waiting || !slow) throw new Error('no accounts');
    const post = await world.item({}, waiting);
    const args = { kind: 'comment', parentId: post, text: 'unpaid @waiting' };
    const failing = await world.unpaid({ type: 'ITEM_CREATE', args }, slow);
    await doEffects(fixture);
    expect(await toldTo(fixture, waiting)).toEqual([]);
    await world.fail(failing);
    await doEffects(fixture);
    expect(await toldTo(fixture, waiting)).toEqual([]);
    const paid = await world.unpaid(
      { type: 'ITEM_CREATE', args: { ...args, text: 'paid @waiting' } },
      slow,
    );
    expect(await world.pay(paid)).toEqual(['PAID']);
    await doEffects(fixture);
    expect(await toldTo(fixture, waiting)).toEqual(['REPLY by slow']);
  });
});

describe('B55', () => {
  it('a mention is told of once, however often its text is saved', async () => {
    const [named, writer] = await Promise.all(['named', 'writer'].map(rich));
    if (!named || !writer) throw new Error('no accounts');
    const item = await world.item({ text: 'about @named' }, writer);
    await doEffects(fixture);
    for (const text of ['still about @named', 'again @Named, and `@waiting`']) {
      await world.paid('ITEM_UPDATE', { itemId: item, text }, writer);
      await doEffects(fixture);
    }
    expect(await toldTo(fixture, named)).toEqual(['MENTION by writer']);
  });

  it('a mention that an edit brings is told of; what links to an own item is not', async () => {
    const [later, linker] = await Promise.all(['later', 'linker'].map(rich));
    if (!later || !linker) throw new Error('no accounts');
    const theirs = await world.item({}, later);
    const own = await world.item({}, linker);
    const item = await world.item({ text: `see /items/${own}` }, linker);
    await doEffects(fixture);
    expect(await toldTo(fixture, linker)).toEqual([]);
    await world.paid(
      'ITEM_UPDATE',
      { itemId: item, text: `see https://site.example/items/${theirs}` },
      linker,
    );
    await doEffects(fixture);
    expect(await toldTo(fixture, later)).toEqual(['ITEM_MENTION by linker']);
  });

  it('who follows and is answered is told once; answers of the thread’s author reach those above', async () => {
    const [asker, answerer] = await Promise.all(['asker', 'answerer'].map(rich));
    if (!asker || !answerer) throw new Error('no accounts');
    await follows(asker, 'answerer');
    const post = await world.item({}, asker);
    const answer = await world.comment(post, 'an answer', answerer);
    const thanks = await world.comment(answer, 'thanks', asker);
    await world.comment(thanks, 'welcome', asker);
    await doEffects(fixture);
    expect(await toldTo(fixture, asker)).toEqual(['REPLY by answerer']);
    expect(await toldTo(fixture, answerer)).toEqual(['REPLY by asker', 'THREAD by asker']);
  });

  it('fast zaps are one notice with their sum, told again when there is more', async () => {
    const [star, helper] = await Promise.all(['star', 'helper'].map(rich));
    if (!star || !helper) throw new Error('no accounts');
    const item = await world.item({ forwards: [{ name: 'helper', percent: 50 }] }, star);
    for (const sats of [10, 20, 30]) await world.paid('ZAP', { itemId: item, sats }, world.rich);
    await doEffects(fixture);
    // 70 % are received, half of it is forwarded.
    expect(await toldTo(fixture, star)).toEqual(['ZAP by rich 21000 x3']);
    expect(await toldTo(fixture, helper)).toEqual(['FORWARDED_ZAP by rich 21000 x3']);
    await world.paid('ZAP', { itemId: item, sats: 10 }, world.author);
    await doEffects(fixture);
    expect(await toldTo(fixture, star)).toEqual(['ZAP by author 24500 x4']);
  });
});

it('votes in a poll are counted for its author, and do not say whose they are', async () => {
  const [pollster, voter] = await Promise.all(['pollster', 'voter'].map(rich));
  if (!pollster || !voter) throw new Error('no accounts');
  const poll = await world.item({ kind: 'poll', options: ['this', 'that'] }, pollster);
  const { rows } = await fixture.pool.query<{ id: bigint }>(
    'select id from poll_options where item_id = $1 order by n',
    [poll],
  );
  for (const person of [voter, world.rich]) {
    await world.paid('POLL_VOTE', { itemId: poll, optionId: rows[0]?.id.toString() }, person);
  }
  await doEffects(fixture);
  expect(await toldTo(fixture, pollster)).toEqual(['POLL_VOTE x2']);
});

it('effects that several do at once are done once', async () => {
  const star = await rich('crowded');
  const item = await world.item({}, star);
  for (let n = 0; n < 30; n += 1) await world.paid('ZAP', { itemId: item, sats: 10 }, world.rich);
  await Promise.all([1, 2, 3, 4].map(() => doEffects(fixture)));
  expect(await toldTo(fixture, star)).toEqual(['ZAP by rich 210000 x30']);
});

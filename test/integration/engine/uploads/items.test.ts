import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRICES } from '../../../../domain/territories/billing.js';
import { transact } from '../../../../engine/context.js';
import { editTerritory } from '../../../../engine/territories/edit.js';
import { TableBytes } from '../../../../adapters/uploads/table-bytes.js';
import { sweepUploads } from '../../../../engine/uploads/sweep-uploads.js';
import { readUpload, storeUpload, type UploadStore } from '../../../../engine/uploads/uploads.js';
import { brokenRules } from '../../../support/books.js';
import { type Person, report, retry, statesOf } from '../actions/bugs/bugs.helper.js';
import { ANONYMOUS } from '../actions/fixture.helper.js';
import { itemOf, World } from '../actions/items/world.helper.js';
import { Territories } from '../territories/fixture.helper.js';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const FEE = 100_000n;

let world: World;
let store: UploadStore;
let people = 0;

beforeAll(async () => {
  world = await World.create();
  store = { pool: world.fixture.pool, bytes: new TableBytes(world.fixture.pool) };
});
afterAll(async () => {
  expect(await brokenRules(world.fixture.pool)).toEqual([]);
  await world.fixture.close();
});

/** Somebody who has uploaded so much today that what comes now costs something. */
async function heavy(creditsMsat = 1_000_000_000n): Promise<Person> {
  people += 1;
  const owner = await world.fixture.account(`heavy-${people}`, creditsMsat);
  await world.fixture.pool.query(
    `insert into uploads (id, owner, content_type, size, sha256, paid_at)
     values (gen_random_uuid(), $1, 'image/png', 262144001, sha256('x'), now())`,
    [owner.id],
  );
  return owner;
}

const fileOf = async (owner: Person): Promise<string> =>
  (await storeUpload(store, { account: owner.id }, PNG)).id;
const textOf = (...ids: readonly string[]): string =>
  ids.map((id) => `![a picture](/v1/uploads/${id}/bytes)`).join('\n');
const isSeen = (id: string): Promise<boolean> =>
  readUpload(world.fixture.pool, id, null).then(
    () => true,
    () => false,
  );
const usesOf = async (actionId: string): Promise<string[]> => {
  const { rows } = await world.fixture.pool.query<{ state: string }>(
    `select u.state from upload_uses u join actions c on c.id = u.action_id where c.parent = $1`,
    [actionId],
  );
  return rows.map(({ state }) => state);
};
/** Legs that are tagged with the child: `KIND amount`. */
const childLegs = async (actionId: string): Promise<string[]> => {
  const { rows } = await world.fixture.pool.query<{ leg: string }>(
    `select l.kind || ' ' || l.planned_msat as leg from legs l join actions c on c.id = l.child
     where c.parent = $1 and c.type = 'MEDIA_FEE' order by 1`,
    [actionId],
  );
  return rows.map(({ leg }) => leg);
};
const post = (text: string, more: object = {}) => ({
  type: 'ITEM_CREATE',
  args: { title: 'With pictures', text, ...more },
});

describe('files of a new item', () => {
  it('are paid with it as a child: its legs sum to its cost, and are not the cost of the item', async () => {
    const owner = await heavy();
    const founder = await world.fixture.account('founder', 100_000_000n);
    await new Territories(world.fixture).create(founder, 'gallery');
    const [one, two] = [await fileOf(owner), await fileOf(owner)];
    const { view } = await world.fixture.open(
      owner,
      post(textOf(one, two), { territories: ['gallery'] }),
    );
    expect(view).toMatchObject({ state: 'PAID', costMsat: 1_000n + 2n * FEE });
    expect(await world.counters(itemOf(view))).toMatchObject({ cost_msat: 1_000n });
    // The founder has 70 % of it, as of everything that is paid in the territory.
    expect(await childLegs(view.id)).toEqual(['POOL 60000', 'TERRITORY_REVENUE 140000']);
    expect(await usesOf(view.id)).toEqual(['PAID', 'PAID']);
    expect([await isSeen(one), await isSeen(two)]).toEqual([true, true]);
  });

  it('are undone with it, and paid when it is tried again', async () => {
    const owner = await heavy(0n);
    const file = await fileOf(owner);
    const view = await world.unpaid(post(textOf(file)), owner);
    expect(await usesOf(view.id)).toEqual(['PENDING']);
    await world.fail(view);
    expect(await usesOf(view.id)).toEqual(['FAILED']);
    expect(await isSeen(file)).toBe(false);
    const again = await retry(world.fixture, view.id, owner, 'invoice');
    expect(await world.pay(again.view)).toEqual(['FAILED INVOICE_EXPIRED', 'PAID']);
    expect(await usesOf(view.id)).toEqual(['PAID']);
    expect(await isSeen(file)).toBe(true);
  });

  it('are swept when it has failed, and then it cannot be tried again', async () => {
    const owner = await heavy(0n);
    const file = await fileOf(owner);
    const view = await world.unpaid(post(textOf(file)), owner);
    await world.fixture.pool.query(
      `update uploads set created_at = now() - interval '8 days' where id = $1`,
      [file],
    );
    expect(await sweepUploads(store)).toBe(0);
    await world.fail(view);
    expect(await sweepUploads(store)).toBe(1);
    await expect(retry(world.fixture, view.id, owner, 'invoice')).rejects.toMatchObject({
      code: 'upload.not_found',
    });
  });

  it('without an account cost 100 sats each, performed and undone as if they never were', async () => {
    const { id } = await storeUpload(store, { origin: Buffer.alloc(16, 7) }, PNG);
    const { view } = await world.fixture.open(ANONYMOUS, {
      ...post(textOf(id)),
      payment: 'invoice',
    });
    expect(view.costMsat).toBe(10_000n + FEE);
    expect(await usesOf(view.id)).toEqual([]);
    await world.fixture.pay(view);
    await report(world.fixture, view, 'held');
    expect(await usesOf(view.id)).toEqual(['PENDING']);
    await report(world.fixture, view, 'canceled', 0n);
    expect(await statesOf(world.fixture, view.id)).toEqual(['FAILED SYSTEM_CANCELLED']);
    expect(await usesOf(view.id)).toEqual(['FAILED']);
    expect(await isSeen(id)).toBe(false);
  });

  it('make a comment that would be free cost something, unless they are free too', async () => {
    const parentId = await world.item();
    const reply = (text: string) => ({
      type: 'ITEM_CREATE',
      args: { kind: 'comment', parentId, text },
    });
    const owner = await heavy(0n);
    const { view } = await world.fixture.open(owner, reply(textOf(await fileOf(owner))));
    expect(view).toMatchObject({ state: 'PENDING', costMsat: 1_000n + FEE });
    const light = await world.fixture.account('light');
    const file = await fileOf(light);
    const free = await world.fixture.open(light, reply(textOf(file)));
    expect(free.view).toMatchObject({ state: 'PAID', costMsat: 0n });
    expect(await isSeen(file)).toBe(true);
  });

  it('may be others’ that everybody sees, and none that are gone or unpaid', async () => {
    const owner = await heavy();
    const paid = await fileOf(owner);
    await world.fixture.open(owner, post(textOf(paid)));
    const other = await world.fixture.account('quoting', 10_000_000n);
    const { view } = await world.fixture.open(other, post(textOf(paid)));
    expect(view).toMatchObject({ state: 'PAID', costMsat: 1_000n });
    expect(await usesOf(view.id)).toEqual([]);
    for (const id of [await fileOf(owner), 'a3bb189e-8bf9-4888-9912-ace4e6543002']) {
      await expect(world.fixture.open(other, post(textOf(id)))).rejects.toMatchObject({
        code: 'upload.not_found',
      });
    }
  });
});

describe('files of an edit', () => {
  const edit = (itemId: string, more: object) => ({
    type: 'ITEM_UPDATE',
    args: { itemId, ...more },
  });

  it('are paid with it, beside the boost', async () => {
    const owner = await heavy();
    const itemId = await world.item({}, owner);
    const file = await fileOf(owner);
    const { view } = await world.fixture.open(
      owner,
      edit(itemId, { text: textOf(file), boostSats: 5 }),
    );
    expect(view).toMatchObject({ state: 'PAID', costMsat: 5_000n + FEE });
    expect(await childLegs(view.id)).toEqual([`POOL ${FEE}`]);
    expect(await world.counters(itemId)).toMatchObject({ boost_msat: 5_000n, cost_msat: 1_000n });
    expect(await isSeen(file)).toBe(true);
    // It shows them already: nothing is to be paid for another text that shows them.
    const again = await world.fixture.open(owner, edit(itemId, { text: `See ${textOf(file)}` }));
    expect(again.view).toMatchObject({ state: 'PAID', costMsat: 0n });
  });

  it('are not seen where it is not paid', async () => {
    const owner = await heavy(1_000n);
    const itemId = await world.item({}, owner);
    const file = await fileOf(owner);
    const view = await world.unpaid(edit(itemId, { text: textOf(file) }), owner);
    expect(view.attempts).toMatchObject([{ flow: 'pessimistic' }]);
    await world.fail(view);
    expect(await isSeen(file)).toBe(false);
    expect(await world.fixture.count(`items where id = $1 and text = ''`, [itemId])).toBe(1);
  });

  it('of an unpaid item are those that it was opened with', async () => {
    const owner = await world.fixture.account('unpaid-editor');
    const [shown, added] = [await fileOf(owner), await fileOf(owner)];
    const view = await world.unpaid(post(textOf(shown)), owner);
    const itemId = itemOf(view);
    await expect(
      world.fixture.open(owner, edit(itemId, { text: textOf(shown, added) })),
    ).rejects.toMatchObject({ code: 'item.unpaid' });
    await world.fixture.open(owner, edit(itemId, { text: `Look: ${textOf(shown)}` }));
    expect(await isSeen(shown)).toBe(false);
    await world.pay(view);
    expect([await isSeen(shown), await isSeen(added)]).toEqual([true, false]);
  });
});

describe('files of a territory', () => {
  it('are paid with a change that costs something; one that is free shows none that are unpaid', async () => {
    const owner = await heavy(20_000_000_000n);
    await new Territories(world.fixture).create(owner, 'gallery_of_a');
    const [one, two] = [await fileOf(owner), await fileOf(owner)];
    const edit = (version: number, file: string) =>
      transact(world.fixture.engine, (tx) =>
        editTerritory(tx, {
          ...{ name: 'gallery_of_a', actor: owner.id, version },
          changes: { description: textOf(file) },
        }),
      );
    await expect(edit(1, one)).rejects.toMatchObject({ code: 'upload.not_found' });
    await world.fixture.open(owner, post(textOf(one)));
    expect(await edit(1, one)).toMatchObject({ description: textOf(one) });
    const { view } = await world.fixture.open(owner, {
      type: 'TERRITORY_UPDATE',
      args: { territory: 'gallery_of_a', version: 2, billing: 'ONCE', description: textOf(two) },
    });
    expect(view).toMatchObject({
      ...{ state: 'PAID', costMsat: PRICES.ONCE - PRICES.MONTHLY + FEE },
    });
    expect(await isSeen(two)).toBe(true);
  });
});

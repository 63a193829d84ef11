import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TableBytes } from '../../../../adapters/uploads/table-bytes.js';
import { PRICES } from '../../../../domain/territories/billing.js';
import { sweepUploads } from '../../../../engine/uploads/sweep-uploads.js';
import { readUpload, storeUpload, type UploadStore } from '../../../../engine/uploads/uploads.js';
import { brokenRules } from '../../../support/books.js';
import { expire, legsOf, retry, type Person } from '../actions/bugs/bugs.helper.js';
import { ActionFixture } from '../actions/fixture.helper.js';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const FEE = 100_000n;

let fixture: ActionFixture;
let store: UploadStore;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  store = { pool: fixture.pool, bytes: new TableBytes(fixture.pool) };
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

/** So much was uploaded today that what comes now costs something. */
async function heavy(owner: Person): Promise<void> {
  await fixture.pool.query(
    `insert into uploads (id, owner, content_type, size, sha256, paid_at)
     values (gen_random_uuid(), $1, 'image/png', 262144001, sha256('x'), now())`,
    [owner.id],
  );
}

const showing = (name: string, ...ids: readonly string[]) => ({
  type: 'TERRITORY_CREATE',
  args: {
    ...{ name, billing: 'MONTHLY' },
    description: ids.map((id) => `![x](/v1/uploads/${id}/bytes)`).join(' '),
  },
});

const isPaid = async (id: string): Promise<boolean> =>
  (await fixture.count('uploads where id = $1 and paid_at is not null', [id])) === 1;

describe('a file', () => {
  it('is seen by its owner, and by others once what shows it is paid', async () => {
    const owner = await fixture.account('painter', PRICES.MONTHLY);
    const { id } = await storeUpload(store, { account: owner.id }, PNG);
    expect(await store.bytes.get(id)).toEqual(PNG);
    await expect(readUpload(fixture.pool, id, null)).rejects.toMatchObject({
      code: 'upload.not_found',
    });
    const { view } = await fixture.open(owner, showing('free_media', id));
    // Of the first 250 MB of a day nothing is asked.
    expect(view).toMatchObject({ state: 'PAID', costMsat: PRICES.MONTHLY });
    expect((await readUpload(fixture.pool, id, null)).paidAt).not.toBeNull();
  });

  it('costs something above that: its fee is a child, whose legs sum to its cost', async () => {
    const owner = await fixture.account('heavy', PRICES.MONTHLY + 2n * FEE);
    await heavy(owner);
    const files = [
      await storeUpload(store, { account: owner.id }, PNG),
      await storeUpload(store, { account: owner.id }, PNG),
    ];
    const { view } = await fixture.open(owner, showing('paid_media', ...files.map(({ id }) => id)));
    expect(view).toMatchObject({ state: 'PAID', costMsat: PRICES.MONTHLY + 2n * FEE });
    expect(await legsOf(fixture, view.id)).toContain(`out POOL SATS ${2n * FEE} ${2n * FEE}`);
    expect(
      await fixture.count(
        `actions c join legs l on l.child = c.id where c.parent = $1 and c.type = 'MEDIA_FEE' and c.cost_msat = l.actual_msat`,
        [view.id],
      ),
    ).toBe(1);
    for (const { id } of files) expect(await isPaid(id)).toBe(true);
  });

  it('fails, is retried and is paid with its parent', async () => {
    const owner = await fixture.account('retrying');
    await heavy(owner);
    const { id } = await storeUpload(store, { account: owner.id }, PNG);
    const { view } = await fixture.open(owner, showing('late_media', id));
    await expire(fixture, view.id);
    expect(await isPaid(id)).toBe(false);
    const again = await retry(fixture, view.id, owner);
    await fixture.pay(again.view);
    await fixture.deliver();
    await fixture.drive(view.id);
    expect((await fixture.view(view.id)).state).toBe('PAID');
    expect(await isPaid(id)).toBe(true);
  });

  it('of another account is not shown, and nothing else than pictures and films is taken', async () => {
    const [owner, thief] = [await fixture.account('robbed'), await fixture.account('thief')];
    const { id } = await storeUpload(store, { account: owner.id }, PNG);
    await expect(fixture.open(thief, showing('stolen', id))).rejects.toMatchObject({
      code: 'upload.not_found',
    });
    await expect(
      storeUpload(store, { account: owner.id }, Buffer.from('<svg/>')),
    ).rejects.toMatchObject({
      code: 'upload.not_taken',
    });
  });

  it('O14: one network without an account does not take the place of others', async () => {
    const from = (n: number) => storeUpload(store, { origin: Buffer.alloc(16, n) }, PNG);
    for (let n = 0; n < 20; n += 1) await from(1);
    await expect(from(1)).rejects.toMatchObject({ code: 'upload.too_many' });
    await from(2);
    await fixture.pool.query('delete from uploads where owner is null');
  });

  it('is swept when nobody has paid for it in time, unless it may still be paid', async () => {
    const owner = await fixture.account('sweeper');
    const [kept, held, swept, anonymous] = [
      await storeUpload(store, { account: owner.id }, PNG),
      await storeUpload(store, { account: owner.id }, PNG),
      await storeUpload(store, { account: owner.id }, PNG),
      await storeUpload(store, { origin: Buffer.alloc(16) }, PNG),
    ];
    const { view } = await fixture.open(owner, showing('sweeping', held.id));
    await fixture.pay(view);
    await fixture.deliver();
    const age = (id: string, days: number): Promise<unknown> =>
      fixture.pool.query(
        `update uploads set created_at = now() - $2 * interval '1 day' where id = $1`,
        [...[id, days]],
      );
    await Promise.all([age(kept.id, 6), age(held.id, 8), age(swept.id, 8), age(anonymous.id, 2)]);
    await store.bytes.put('5b0c1f4e-1111-4222-8333-0123456789ab', PNG);
    await fixture.pool.query(
      `update upload_bytes set stored_at = now() - interval '2 days' where id = '5b0c1f4e-1111-4222-8333-0123456789ab'`,
    );
    expect(await sweepUploads(store)).toBe(3);
    expect(await sweepUploads(store)).toBe(0);
    const left = await fixture.count('uploads where id = any($1::uuid[])', [
      [kept, held, swept, anonymous].map(({ id }) => id),
    ]);
    expect(left).toBe(2);
    expect(await store.bytes.get(swept.id)).toBeUndefined();
    expect(await store.bytes.get(held.id)).toEqual(PNG);
  });
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { PRICES } from '../../../../domain/territories/billing.js';
import { territoryCosts } from '../../../../engine/territories/costs.js';
import { brokenRules } from '../../../support/books.js';
import { expire, legsOf, retry } from '../actions/bugs/bugs.helper.js';
import { ActionFixture, zapOf } from '../actions/fixture.helper.js';
import { Territories } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  const territories = new Territories(fixture);
  for (const [name, baseCostSats] of [
    ['north', 10],
    ['south', 20],
  ] as const) {
    const owner = await fixture.account(name, PRICES.MONTHLY);
    await territories.create(owner, name, { baseCostSats });
  }
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const sats = async (name: string): Promise<bigint> => {
  const { rows } = await fixture.pool.query<{ msat: bigint }>(
    `select balance_msat as msat from ledger_accounts l join accounts a on a.id = l.owner
     where a.name = $1 and l.asset = 'SATS'`,
    [name],
  );
  return rows[0]?.msat ?? -1n;
};

it('B53: costs are found however a name is written; 1 sat where there is no territory', async () => {
  const costs = await territoryCosts(fixture.pool, ['South', 'nowhere']);
  expect(costs).toMatchObject([
    { name: 'south', baseMsat: 20_000n, replyMsat: 1_000n, founderPercent: 70n },
    { name: 'nowhere', baseMsat: 1_000n, replyMsat: 1_000n, founder: null, founderPercent: 0n },
  ]);
});

const TITLE = { kind: 'discussion', title: 'A post of two territories' };

it('a post pays each owner by its own cost, tagged; a retry the same', async () => {
  const author = await fixture.account('author');
  const args = { ...TITLE, territories: ['north', 'south'] };
  const { view } = await fixture.open(author, { type: 'ITEM_CREATE', args, payment: 'invoice' });
  expect(view.costMsat).toBe(30_000n);
  await expire(fixture, view.id);
  const again = await retry(fixture, view.id, author);
  await fixture.pay(again.view);
  await fixture.deliver();
  expect([await sats('north'), await sats('south')]).toEqual([7_000n, 14_000n]);
  expect(await legsOf(fixture, view.id, 2)).toContain('out POOL SATS 9000 9000');
  expect(
    await fixture.count(`legs where action_id = $1 and territory is not null`, [view.id]),
  ).toBe(4);
});

it('B20: of a zap an owner has 70 % of what is not the author’s, once for each territory', async () => {
  const before = await sats('north');
  const author = await fixture.account('zapped', 1_000_000n);
  const args = { ...TITLE, title: 'A post of one owner', territories: ['north', 'nowhere'] };
  const post = await fixture.open(author, { type: 'ITEM_CREATE', args, payment: 'credits' });
  const earned = (await sats('north')) - before;
  const zapper = await fixture.account('zapper', 100_000n);
  const zapped = zapOf(post.view.result['itemId'] ?? '', 100);
  const { view } = await fixture.open(zapper, zapped);
  expect(view.state).toBe('PAID');
  // Half of the 30 sats is of the other territory, which nobody owns.
  expect((await sats('north')) - before - earned).toBe(10_500n);
  expect(await legsOf(fixture, view.id)).toContain('out POOL SATS 19500 19500');
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transact } from '../../../../engine/context.js';
import { ZERO_MSAT } from '../../../../domain/money.js';
import { PRICES } from '../../../../domain/territories/billing.js';
import { editTerritory } from '../../../../engine/territories/edit.js';
import { transferTerritory } from '../../../../engine/territories/transfer.js';
import { territoryWorkflowId } from '../../../../domain/names/workflows.js';
import { sweep } from '../../../../services/relay/maintenance/sweep.js';
import { sweptTerritories } from '../../../../services/relay/maintenance/swept-tables.js';
import { brokenRules } from '../../../support/books.js';
import { expire, legsOf, retry, statesOf } from '../actions/bugs/bugs.helper.js';
import { ActionFixture, ANONYMOUS } from '../actions/fixture.helper.js';
import { Territories } from './fixture.helper.js';

const { MONTHLY, YEARLY } = PRICES;

let fixture: ActionFixture;
let territories: Territories;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  territories = new Territories(fixture);
});
afterAll(async () => {
  expect(await brokenRules(fixture.pool)).toEqual([]);
  await fixture.close();
});

const create = (name: string, args: object = {}) => ({
  type: 'TERRITORY_CREATE',
  args: { name, billing: 'MONTHLY', ...args },
});
const change = (args: object) => ({ type: 'TERRITORY_UPDATE', args });
const bill = (territory: string) => ({ type: 'TERRITORY_BILLING', args: { territory } });

describe('a new territory', () => {
  it('B49: by credits, with the least and with the most arguments', async () => {
    const owner = await fixture.account('owner', MONTHLY + PRICES.ONCE);
    const least = await territories.create(owner, 'Le');
    expect(least).toMatchObject({ name: 'le', state: 'ACTIVE', version: 1, auto_renew: true });
    expect(least.paid_until?.getTime()).toBeGreaterThan(Date.now() + 27 * 86_400_000);
    const most = await territories.create(owner, 'm'.repeat(32), {
      ...{ billing: 'ONCE', description: 'd'.repeat(1000), baseCostSats: 100_000 },
      ...{ replyCostSats: 100_000, postTypes: ['JOB'], ranking: 'RECENT', moderated: true },
      autoRenew: false,
    });
    expect(most).toMatchObject({ paid_until: null, base_cost_msat: 100_000_000n });
    expect(await fixture.balance(owner)).toBe(0n);
    expect(await fixture.count(`outbox where subject like 'territory/%' and kind = 'start'`)).toBe(
      2,
    );
  });

  it.each([
    { name: 'a' },
    { name: 'a-b' },
    { baseCostSats: 0 },
    { baseCostSats: 100_001 },
    { postTypes: [] },
  ])('is refused with %j', async (args) => {
    const owner = await fixture.account(`bad-${Math.random().toString(36).slice(2, 10)}`);
    await expect(fixture.open(owner, create('fine', args))).rejects.toMatchObject({
      code: 'action.invalid_args',
    });
  });

  it('by a hold: the name is taken when the money is held, and nothing is seen before it is paid', async () => {
    const [first, second] = [await fixture.account('first'), await fixture.account('second')];
    const one = await fixture.open(first, create('wanted'));
    const two = await fixture.open(second, create('WANTED'));
    expect(one.view.attempts).toMatchObject([{ flow: 'pessimistic' }]);
    expect(await fixture.count(`territories where name = 'wanted'`)).toBe(0);
    expect((await territories.paid(two.view)).state).toBe('PAID');
    expect((await territories.paid(one.view)).state).toBe('FAILED');
    expect(await statesOf(fixture, one.view.id)).toEqual(['FAILED EXECUTION_FAILED']);
    expect((await territories.row('wanted')).owner).toBe(second.id);
    await expect(fixture.open(first, create('wanted'))).rejects.toMatchObject({
      code: 'territory.name_taken',
    });
    expect(await legsOf(fixture, two.view.id)).toContain(`out REVENUE SATS ${MONTHLY} ${MONTHLY}`);
  });

  it('that is not paid leaves its name free, and can be retried', async () => {
    const owner = await fixture.account('slow-owner');
    const { view } = await fixture.open(owner, create('later'));
    await expire(fixture, view.id);
    const again = await retry(fixture, view.id, owner);
    expect((await territories.paid(again.view)).state).toBe('PAID');
    await expect(fixture.open(ANONYMOUS, create('nobody'))).rejects.toMatchObject({
      code: 'action.login_required',
    });
  });
});

describe('a change', () => {
  it('that costs more than was bought pays the difference; of what has changed since it is refused', async () => {
    const owner = await fixture.account('changer', MONTHLY + YEARLY);
    const { version, billed_at: billedAt } = await territories.create(owner, 'growing');
    const yearly = { territory: 'growing', version, billing: 'YEARLY', baseCostSats: 7 };
    const stale = await fixture.open(owner, { ...change(yearly), payment: 'invoice' });
    const { view } = await fixture.open(owner, change(yearly));
    expect(view).toMatchObject({ state: 'PAID', costMsat: YEARLY - MONTHLY });
    const row = await territories.row('growing');
    expect(row).toMatchObject({ billing: 'YEARLY', base_cost_msat: 7_000n, version: version + 1 });
    expect(row.paid_until?.getUTCFullYear()).toBe(billedAt.getUTCFullYear() + 1);
    expect((await territories.paid(stale.view)).state).toBe('FAILED');
    expect(await territories.row('growing')).toEqual(row);
    // Back to months costs nothing and gives nothing.
    const back = { territory: 'growing', version: row.version, billing: 'MONTHLY' };
    await expect(fixture.open(owner, change(back))).rejects.toMatchObject({
      code: 'territory.free_change',
    });
  });

  it('that costs nothing is made at once, by its owner only', async () => {
    const owner = await fixture.account('editor', MONTHLY);
    const other = await fixture.account('other-editor');
    const { version } = await territories.create(owner, 'edited');
    const edit = (actor: string, of: number, changes: object) =>
      transact(fixture.engine, (tx) =>
        editTerritory(tx, { name: 'edited', actor, version: of, changes }),
      );
    await edit(owner.id, version, { description: 'new', autoRenew: false });
    expect(await territories.row('edited')).toMatchObject({
      ...{ description: 'new', auto_renew: false, version: version + 1 },
    });
    await expect(edit(owner.id, version, {})).rejects.toMatchObject({ code: 'territory.changed' });
    await expect(edit(other.id, version + 1, {})).rejects.toMatchObject({
      code: 'territory.not_owner',
    });
    await expect(edit(owner.id, version + 1, { billing: 'YEARLY' })).rejects.toMatchObject({
      code: 'territory.costs',
    });
  });

  it('while one is held nothing else changes it; lost, it leaves the territory as it was', async () => {
    const owner = await fixture.account('holder', MONTHLY);
    const before = await territories.create(owner, 'held');
    const { view } = await fixture.open(owner, {
      ...change({ territory: 'held', version: before.version, billing: 'YEARLY' }),
      payment: 'invoice',
    });
    await fixture.pay(view);
    await fixture.deliver();
    await expect(
      transact(fixture.engine, (tx) => transferTerritory(tx, 'held', owner.id, 'editor')),
    ).rejects.toMatchObject({ code: 'territory.changing' });
    const hash = view.attempts[0]?.invoice?.hash ?? '';
    await fixture.report({ hash, state: 'canceled', receivedMsat: ZERO_MSAT });
    expect((await fixture.view(view.id)).state).toBe('FAILED');
    expect(await territories.row('held')).toEqual(before);
    expect(await fixture.count(`exclusive_keys where key = 'territory-change/held'`)).toBe(0);
  });
});

describe('billing', () => {
  it('renews by the balance, once for each period, and stops after the grace', async () => {
    const owner = await fixture.account('payer-of-rent', 2n * MONTHLY);
    await territories.create(owner, 'rented');
    await territories.age('rented', 32);
    const { paid_until: ended } = await territories.row('rented');
    const renewed = await territories.run('rented');
    expect(renewed.state).toBe('ACTIVE');
    expect(renewed.billed_at).toEqual(ended);
    expect(await fixture.balance(owner)).toBe(0n);
    await territories.run('rented');
    expect(await fixture.count(`territory_acts where name = 'rented' and state = 'PAID'`)).toBe(2);
    await territories.age('rented', 31);
    expect((await territories.run('rented')).state).toBe('GRACE');
    // Somebody pays the bill within the grace.
    const { view } = await fixture.open(owner, bill('rented'));
    expect((await territories.paid(view)).state).toBe('PAID');
    expect((await territories.row('rented')).state).toBe('ACTIVE');
    await expect(fixture.open(owner, bill('rented'))).rejects.toMatchObject({
      code: 'territory.not_due',
    });
    await territories.age('rented', 31);
    expect((await territories.run('rented')).state).toBe('GRACE');
    await territories.age('rented', 6);
    expect((await territories.run('rented')).state).toBe('STOPPED');
    const { rows } = await fixture.pool.query<{ event: string }>(
      `select event from transitions where machine = 'territory' and subject = $1 order by id`,
      [(await territories.row('rented')).id.toString()],
    );
    const events = rows.map(({ event }) => event);
    expect(events).toEqual(['created', 'billed', 'unpaid', 'billed', 'unpaid', 'stopped']);
  });

  it('one that nobody attended to is found by the sweep', async () => {
    const owner = await fixture.account('forgotten', MONTHLY);
    const { id } = await territories.create(owner, 'forgotten');
    await territories.age('forgotten', 32);
    await fixture.pool.query('update outbox set published_at = clock_timestamp()');
    const options = { graceSeconds: 15, isBehind: false };
    expect(await sweep(fixture.pool, sweptTerritories, options)).toBeGreaterThan(0);
    expect(await sweep(fixture.pool, sweptTerritories, options)).toBe(0);
    expect(
      await fixture.count(`outbox where kind = 'start' and subject = $1 and published_at is null`, [
        territoryWorkflowId(id.toString()),
      ]),
    ).toBe(1);
  });

  it('while its bill is being settled it does not stop', async () => {
    const owner = await fixture.account('just-in-time', MONTHLY);
    await territories.create(owner, 'in_time');
    await territories.age('in_time', 32);
    expect((await territories.run('in_time')).state).toBe('GRACE');
    const { view } = await fixture.open(owner, { ...bill('in_time'), payment: 'invoice' });
    await fixture.pay(view);
    await fixture.deliver();
    await territories.age('in_time', 6);
    expect((await territories.run('in_time')).state).toBe('GRACE');
    await fixture.drive(view.id);
    await fixture.deliver();
    expect((await fixture.view(view.id)).state).toBe('PAID');
    expect(await territories.row('in_time')).toMatchObject({ state: 'ACTIVE' });
  });

  it('a bill that is paid twice is paid once', async () => {
    const owner = await fixture.account('twice', MONTHLY);
    await territories.create(owner, 'twice');
    await territories.age('twice', 32);
    const [one, two] = [
      await fixture.open(owner, { ...bill('twice'), payment: 'invoice' }),
      await fixture.open(owner, { ...bill('twice'), payment: 'invoice' }),
    ];
    expect((await territories.paid(one.view)).state).toBe('PAID');
    expect((await territories.paid(two.view)).state).toBe('FAILED');
  });

  it('B29: a territory that has stopped is somebody else’s once they pay, any number of times', async () => {
    const owner = await fixture.account('former', MONTHLY);
    await territories.create(owner, 'revived', { autoRenew: false });
    const next = await fixture.account('next', 2n * MONTHLY);
    for (const buyer of [next, owner]) {
      await territories.age('revived', 32);
      await territories.run('revived');
      await territories.age('revived', 6);
      expect((await territories.run('revived')).state).toBe('STOPPED');
      const { view } = await fixture.open(buyer, {
        type: 'TERRITORY_UNARCHIVE',
        args: { territory: 'revived', billing: 'MONTHLY', autoRenew: false },
      });
      if (view.state !== 'PAID') await territories.paid(view);
      expect(await territories.row('revived')).toMatchObject({ state: 'ACTIVE', owner: buyer.id });
    }
    expect(await fixture.count('territory_transfers')).toBe(2);
    await expect(
      fixture.open(next, {
        type: 'TERRITORY_UNARCHIVE',
        args: { territory: 'revived', billing: 'MONTHLY' },
      }),
    ).rejects.toMatchObject({ code: 'territory.not_stopped' });
  });

  it('a transfer ends the automatic renewal', async () => {
    const owner = await fixture.account('giver-away', MONTHLY);
    const heir = await fixture.account('heir', MONTHLY);
    await territories.create(owner, 'inherited');
    const give = (): Promise<unknown> =>
      transact(fixture.engine, (tx) => transferTerritory(tx, 'inherited', owner.id, 'heir'));
    await give();
    await give();
    expect(await territories.row('inherited')).toMatchObject({ owner: heir.id, auto_renew: false });
    await territories.age('inherited', 32);
    expect((await territories.run('inherited')).state).toBe('GRACE');
    expect(await fixture.balance(heir)).toBe(MONTHLY);
  });
});

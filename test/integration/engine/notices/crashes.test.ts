import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { armFailpoints } from '../../../../engine/failpoint.js';
import { addToList } from '../../../../engine/accounts/follows.js';
import { createInvite } from '../../../../engine/accounts/invites.js';
import { redeemInvite } from '../../../../engine/actions/redeem-invite.js';
import { transact } from '../../../../engine/context.js';
import { payRewards } from '../../../../engine/rewards/pay-rewards.js';
import { PRICES } from '../../../../domain/territories/billing.js';
import { toMsat } from '../../../../domain/money.js';
import { brokenRules } from '../../../support/books.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import { World } from '../actions/items/world.helper.js';
import { Withdrawing } from '../actions/withdrawing.helper.js';
import { Wrapping } from '../actions/wrapping.helper.js';
import { Territories } from '../territories/fixture.helper.js';
import { doEffects, toldTo } from './told.helper.js';
import { addSeed } from '../../../../engine/trust/run.js';

let at: Wrapping;
let world: World;
let withdrawing: Withdrawing;

beforeAll(async () => {
  at = await Wrapping.create();
  world = await World.create(at.fixture);
  withdrawing = await Withdrawing.on(at.fixture);
});
afterEach(() => armFailpoints([]));
afterAll(async () => {
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
  await at.fixture.close();
});

let people = 0;
function person(msat = 1_000_000_000n): Promise<Person> {
  people += 1;
  return at.fixture.account(`crash${people}`, msat);
}

/** Who is told what by something that is paid, with effects that no process has done yet. */
type Scenario = () => Promise<readonly (readonly [Person, string])[]>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a reply, a thread, a mention': async () => {
    const [op, first, named] = [await person(), await person(), await person()];
    const post = await world.item({}, op);
    await doEffects(at.fixture);
    const reply = await world.comment(post, `to @${named.name}`, first);
    await world.comment(reply, 'an answer', world.rich);
    return [
      [op, `REPLY by ${first.name}`],
      [op, 'THREAD by rich'],
      [first, 'REPLY by rich'],
      [named, `MENTION by ${first.name}`],
    ];
  },
  'an item mention, a followed author': async () => {
    const [linked, fan, writer] = [await person(), await person(), await person()];
    const item = await world.item({}, linked);
    await transact(at.fixture.engine, (tx) => addToList(tx, 'follows', fan.id, writer.name));
    await world.item({ text: `/items/${item}` }, writer);
    return [
      [linked, `ITEM_MENTION by ${writer.name}`],
      [fan, `FOLLOWED_ITEM by ${writer.name}`],
    ];
  },
  'a mention by an edit': async () => {
    const [writer, named] = [await person(), await person()];
    const item = await world.item({}, writer);
    await doEffects(at.fixture);
    await world.paid('ITEM_UPDATE', { itemId: item, text: `@${named.name}` }, writer);
    return [[named, `MENTION by ${writer.name}`]];
  },
  'zaps and forwarded zaps': async () => {
    const [star, helper] = [await person(), await person()];
    const forwards = [{ name: helper.name, percent: 50 }];
    const item = await world.item({ forwards }, star);
    for (let n = 0; n < 3; n += 1) await world.paid('ZAP', { itemId: item, sats: 10 }, world.rich);
    return [
      [star, 'ZAP by rich 10500 x3'],
      [helper, 'FORWARDED_ZAP by rich 10500 x3'],
    ];
  },
  'a zap to a wallet': async () => {
    const { account, itemId } = await at.payee('crash-zapped');
    await at.payAndDrive(await at.zap(itemId));
    return [[account, 'ZAP 700000']];
  },
  'a vote': async () => {
    const pollster = await person();
    const poll = await world.item({ kind: 'poll', options: ['this', 'that'] }, pollster);
    const { rows } = await at.fixture.pool.query<{ id: bigint }>(
      'select id from poll_options where item_id = $1',
      [poll],
    );
    await world.paid('POLL_VOTE', { itemId: poll, optionId: rows[0]?.id.toString() }, world.rich);
    return [[pollster, 'POLL_VOTE']];
  },
  'a bounty': async () => {
    const { account } = await at.payee('crash-bounty');
    const op = await person();
    const post = await world.item({ kind: 'bounty', bountySats: 1000 }, op);
    await doEffects(at.fixture);
    const { view: answer } = await at.fixture.open(account, {
      ...{ args: { kind: 'comment', parentId: post, text: 'solved' }, payment: 'invoice' },
    });
    // Its author may have one for free.
    if (answer.state !== 'PAID') await world.pay(answer);
    const itemId = (await at.fixture.view(answer.id)).result['itemId'];
    // Where bounties are looked up by columns of these names.
    await at.fixture.pool.query(
      'alter table items add column if not exists root_id bigint, add column if not exists bounty_sats integer',
    );
    await at.fixture.pool.query('update items set root_id = $2 where id = $1', [itemId, post]);
    await at.fixture.pool.query('update items set bounty_sats = 1000 where id = $1', [post]);
    const bounty = { type: 'BOUNTY_PAYMENT', args: { itemId } };
    await at.payAndDrive((await at.fixture.open(op, bounty)).view);
    return [
      [op, `REPLY by ${account.name}`],
      [account, `BOUNTY by ${op.name} 1000000`],
    ];
  },
  'a withdrawal, and one that fails': async () => {
    const account = await withdrawing.rich();
    for (const outcome of ['succeed', 'fail'] as const) {
      const { bolt11 } = await withdrawing.invoice(100_000n, outcome);
      const { view } = await withdrawing.open(account, bolt11);
      await at.fixture.drive(view.id);
    }
    return [
      [account, 'WITHDRAWAL 100000'],
      [account, 'WITHDRAWAL_FAILED 100000'],
    ];
  },
  'an invitation': async () => {
    const inviter = await person();
    const { code } = await transact(at.fixture.engine, (tx) =>
      createInvite(tx, inviter.id, { giftMsat: toMsat(1_000n), mostGifts: null, expiresAt: null }),
    );
    const invitee = await person(0n);
    await redeemInvite(at.fixture.engine, { code, invitee: invitee.id });
    return [[inviter, `INVITE by ${invitee.name}`]];
  },
  'the renewal of a territory': async () => {
    const owner = await person(10n * PRICES.MONTHLY);
    const territories = new Territories(at.fixture);
    await territories.create(owner, `crash_${people}`);
    await territories.age(`crash_${people}`, 32);
    await territories.run(`crash_${people}`);
    return [[owner, 'TERRITORY_STATUS']];
  },
  'timers of a text': async () => {
    const author = await person();
    await world.item({ text: '@delete in 1 day @remindme in 1 hour' }, author);
    return [
      [author, 'DELETION_SET'],
      [author, 'REMINDER_SET'],
    ];
  },
};

describe('O8: a crash between payment and effect loses nothing and does nothing twice', () => {
  it.each(Object.entries(SCENARIOS))('%s', async (_name, scenario) => {
    const expected = await scenario();
    const accounts = new Map(expected.map(([of]) => [of.id, of]));
    const told = async (): Promise<string[]> => {
      const lists = [...accounts.values()].map(async (of) =>
        (await toldTo(at.fixture, of)).map((what) => `${of.name}: ${what}`),
      );
      return (await Promise.all(lists)).flat().sort();
    };
    const before = await told();
    // The relay is killed when everything is written and nothing is committed; the next one too.
    armFailpoints(['in-effect-transaction'], () => Promise.reject(new Error('killed')));
    for (let times = 0; times < 2; times += 1) {
      await expect(doEffects(at.fixture)).rejects.toThrow('killed');
    }
    expect(await told()).toEqual(before);
    armFailpoints([]);
    await Promise.all([doEffects(at.fixture), doEffects(at.fixture)]);
    expect(await told()).toEqual(expected.map(([of, what]) => `${of.name}: ${what}`).sort());
    await doEffects(at.fixture);
    expect(await at.fixture.count(`effects where done_at is null`)).toBe(0);
    expect(await at.fixture.count('item_timers where state = $1', ['WAITING'])).toBe(
      await at.fixture.count(
        `outbox where kind = 'start' and subject ~ '^(ephemeral-item|reminder)/'`,
      ),
    );
  });

  it('rewards of a day, and those of a referrer', async () => {
    const [earner, referrer] = [await person(), await person(0n)];
    // Who has no trust earns nothing.
    await addSeed(at.fixture.pool, earner.id);
    await at.fixture.pool.query('update accounts set referrer = $2 where id = $1', [
      earner.id,
      referrer.id,
    ]);
    const item = await world.item();
    await world.paid('ZAP', { itemId: item, sats: 1000 }, earner);
    await doEffects(at.fixture);
    await payRewards(at.fixture.engine, new Date(Date.now() + 86_400_000));
    armFailpoints(['in-effect-transaction'], () => Promise.reject(new Error('killed')));
    await expect(doEffects(at.fixture)).rejects.toThrow('killed');
    armFailpoints([]);
    await doEffects(at.fixture);
    const told = await toldTo(at.fixture, earner);
    expect(told.filter((what) => what.startsWith('REWARD'))).toHaveLength(1);
    expect(await toldTo(at.fixture, referrer)).toEqual([expect.stringMatching(/^REFERRAL \d+$/)]);
    expect(told).toContain('STREAK');
  });
});

it('an effect that fails leaves nothing, holds up no payment and no other effect, and is done later', async () => {
  const [star, other] = [await person(), await person()];
  const [item, others] = [await world.item({}, star), await world.item({}, other)];
  await doEffects(at.fixture);
  const { rows } = await at.fixture.pool.query<{ id: bigint }>(
    `insert into notices (account, kind, key, amount_msat) values ($1, 'ZAP', 'zaps/' || $2, 9223372036854775807) returning id`,
    [star.id, item],
  );
  const paid = await world.paid('ZAP', { itemId: item, sats: 10 }, world.rich);
  await world.paid('ZAP', { itemId: others, sats: 10 }, world.rich);
  expect(paid.state).toBe('PAID');
  await doEffects(at.fixture);
  expect(await toldTo(at.fixture, other)).toEqual(['ZAP by rich 7000']);
  expect(
    await at.fixture.count(`effects where done_at is null and last_error like '%out of range%'`),
  ).toBe(1);
  await at.fixture.pool.query('delete from notices where id = $1', [rows[0]?.id]);
  await at.fixture.pool.query(
    'update effects set due_at = clock_timestamp() where done_at is null',
  );
  await doEffects(at.fixture);
  expect(await toldTo(at.fixture, star)).toEqual(['ZAP by rich 7000']);
});

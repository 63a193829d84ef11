import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NOTICE_KINDS } from '../../../../domain/notices/kinds.js';
import { armFailpoints } from '../../../../engine/failpoint.js';
import { payRewards } from '../../../../engine/rewards/pay-rewards.js';
import { addSeed } from '../../../../engine/trust/run.js';
import { brokenRules } from '../../../support/books.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import { EFFECTS, Stage } from './crash-effects.helper.js';
import { TRANSACTIONS } from './crash-transactions.helper.js';
import { doEffects, toldTo } from './told.helper.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.create();
});
afterEach(() => armFailpoints([]));
afterAll(async () => {
  expect(await brokenRules(stage.at.fixture.pool)).toEqual([]);
  await stage.at.fixture.close();
});

/** Of the rewards of a day, below: they are of everybody's. */
const OF_A_DAY = ['REWARD', 'REFERRAL'];

it('each kind of notice is told of in a scenario', () => {
  const told = [...Object.values(EFFECTS), ...Object.values(TRANSACTIONS)].flatMap((s) => s.kinds);
  // What failed is read from its attempt: nothing is written that could be lost.
  expect(new Set([...told, ...OF_A_DAY, 'FAILED_PAYMENT'])).toEqual(new Set(NOTICE_KINDS));
});

type Expected = readonly (readonly [Person, string])[];

async function toldToAll(expected: Expected): Promise<string[]> {
  const accounts = new Map(expected.map(([of]) => [of.id, of]));
  const lists = [...accounts.values()].map(async (of) =>
    (await toldTo(stage.at.fixture, of)).map((what) => `${of.name}: ${what}`),
  );
  return (await Promise.all(lists)).flat().sort();
}

const texts = (expected: Expected): string[] =>
  expected.map(([of, what]) => `${of.name}: ${what}`).sort();
const kindOf = (what: string): string => what.split(' ')[0] ?? '';

/** What goes to devices and relays, and workflows that are started, is there as often as what it is of. */
async function expectFollowUps(): Promise<void> {
  const counted = (sql: string) => stage.at.fixture.count(sql);
  const pushed = 'notices n join push_subscriptions s on s.account = n.account';
  expect(await counted(`deliveries where kind = 'PUSH'`)).toBe(await counted(pushed));
  expect(await counted(`deliveries where kind = 'ZAP_RECEIPT'`)).toBe(
    2 * (await counted(`proxy_payments where state = 'PAID' and zap_request is not null`)),
  );
  expect(await counted(`item_timers where state = 'WAITING'`)).toBe(
    await counted(`outbox where kind = 'start' and subject ~ '^(ephemeral-item|reminder)/'`),
  );
}

describe('O8: a crash between payment and effect loses nothing and does nothing twice', () => {
  it.each(Object.entries(EFFECTS))('%s', async (_name, { kinds, run }) => {
    const { fixture } = stage.at;
    const expected = await run(stage);
    expect(new Set(expected.map(([, what]) => kindOf(what)))).toEqual(new Set(kinds));
    const before = await toldToAll(expected);
    expect(before).toEqual([]);
    // The relay is killed when everything is written and nothing is committed; the next one too.
    armFailpoints(['in-effect-transaction'], () => Promise.reject(new Error('killed')));
    for (let times = 0; times < 2; times += 1) {
      await expect(doEffects(fixture)).rejects.toThrow('killed');
    }
    expect(await toldToAll(expected)).toEqual(before);
    armFailpoints([]);
    await Promise.all([doEffects(fixture), doEffects(fixture)]);
    expect(await toldToAll(expected)).toEqual(texts(expected));
    await doEffects(fixture);
    expect(await toldToAll(expected)).toEqual(texts(expected));
    expect(await fixture.count(`effects where done_at is null`)).toBe(0);
    await expectFollowUps();
  });

  it('rewards of a day, and those of a referrer', async () => {
    const [earner, referrer] = [await stage.person(), await stage.person(0n)];
    // Who has no trust earns nothing.
    await addSeed(stage.at.fixture.pool, earner.id);
    await stage.at.fixture.pool.query('update accounts set referrer = $2 where id = $1', [
      earner.id,
      referrer.id,
    ]);
    const item = await stage.world.item();
    await stage.world.paid('ZAP', { itemId: item, sats: 1000 }, earner);
    await doEffects(stage.at.fixture);
    await payRewards(stage.at.fixture.engine, new Date(Date.now() + 86_400_000));
    armFailpoints(['in-effect-transaction'], () => Promise.reject(new Error('killed')));
    await expect(doEffects(stage.at.fixture)).rejects.toThrow('killed');
    armFailpoints([]);
    await doEffects(stage.at.fixture);
    const told = await toldTo(stage.at.fixture, earner);
    expect(told.filter((what) => what.startsWith('REWARD'))).toHaveLength(1);
    expect(await toldTo(stage.at.fixture, referrer)).toEqual([
      expect.stringMatching(/^REFERRAL \d+$/),
    ]);
    expect(told).toContain('STREAK');
  });
});

it('an effect that fails leaves nothing, holds up no payment and no other effect, and is done later', async () => {
  const [star, other] = [await stage.person(), await stage.person()];
  const [item, others] = [await stage.world.item({}, star), await stage.world.item({}, other)];
  await doEffects(stage.at.fixture);
  const { rows } = await stage.at.fixture.pool.query<{ id: bigint }>(
    `insert into notices (account, kind, key, amount_msat) values ($1, 'ZAP', 'zaps/' || $2, 9223372036854775807) returning id`,
    [star.id, item],
  );
  const paid = await stage.world.paid('ZAP', { itemId: item, sats: 10 }, stage.world.rich);
  await stage.world.paid('ZAP', { itemId: others, sats: 10 }, stage.world.rich);
  expect(paid.state).toBe('PAID');
  await doEffects(stage.at.fixture);
  expect(await toldTo(stage.at.fixture, other)).toEqual(['ZAP by rich 7000']);
  expect(
    await stage.at.fixture.count(
      `effects where done_at is null and last_error like '%out of range%'`,
    ),
  ).toBe(1);
  await stage.at.fixture.pool.query('delete from notices where id = $1', [rows[0]?.id]);
  await stage.at.fixture.pool.query(
    'update effects set due_at = clock_timestamp() where done_at is null',
  );
  await doEffects(stage.at.fixture);
  expect(await toldTo(stage.at.fixture, star)).toEqual(['ZAP by rich 7000']);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCredits } from '../../../../engine/accounts/accounts.js';
import { verifyAddress } from '../../../../engine/credits/rebuild/verify.js';
import { transact } from '../../../../engine/context.js';
import { grantCredits } from '../../../../engine/credits/grant.js';
import { usOfMs } from '../../../../domain/credits/time.js';
import { toMsat } from '../../../../domain/money.js';
import { Refusal } from '../../../../domain/refusal.js';
import { brokenRules } from '../../../support/books.js';
import { waitUntil } from '../../../support/wait-until.js';
import { type Person, accountBalances, sweep } from './credit-lots.helper.js';
import { ActionFixture, zapOf } from './fixture.helper.js';

const CONNECTIONS = 16;
const TURNS = Number(process.env['LOTS_TURNS'] ?? 30);
const ZAP_MSAT = 10_000n;
/** Short enough for grants to expire while all goes on. */
const LIFE_MS = 150n;

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(() => fixture.close());

/** A seeded sequence, so that what fails can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

/** Our transactions are run again after a deadlock, which must not hide that there was one. */
async function deadlocksSoFar(): Promise<bigint | undefined> {
  await fixture.pool.query('select pg_stat_force_next_flush()');
  const { rows } = await fixture.pool.query<{ deadlocks: bigint }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return rows[0]?.deadlocks;
}

interface Tally {
  granted: bigint;
  zaps: number;
  refused: number;
}

async function grant(
  { id }: Person,
  key: string,
  next: (below: number) => number,
  tally: Tally,
): Promise<void> {
  const amountMsat = toMsat(BigInt(1 + next(3)) * 1_000n);
  const expiry = next(2) === 0 ? { expiresUs: usOfMs(BigInt(Date.now()) + LIFE_MS) } : {};
  try {
    await transact(fixture.engine, (tx) =>
      grantCredits(tx, { accountId: id, amountMsat, key, ...expiry }),
    );
    tally.granted += amountMsat;
  } catch (error) {
    // It waited for the account for longer than it would have lived.
    if (!(error instanceof Refusal)) throw error;
    expect(error.code).toBe('credits.expiry_past');
  }
}

async function turn(
  people: readonly { readonly person: Person; readonly itemId: string }[],
  key: string,
  next: (below: number) => number,
  tally: Tally,
): Promise<void> {
  const mine = next(people.length);
  const payer = people[mine];
  const other = people[(mine + 1 + next(people.length - 1)) % people.length];
  if (payer === undefined || other === undefined) throw new Error('nobody');
  const what = next(10);
  if (what === 0) {
    await sweep(fixture);
  } else if (what <= 3) {
    await grant(payer.person, key, next, tally);
  } else if (what === 4) {
    const { view } = await fixture.open(payer.person, {
      ...{ ...zapOf(other.itemId, 10), payment: 'invoice' },
    });
    const hash = view.attempts[0]?.invoice?.hash ?? '';
    const update = { hash, state: 'settled', receivedMsat: toMsat(ZAP_MSAT + 500n) } as const;
    await Promise.all([fixture.report(update), fixture.report(update)]);
  } else {
    try {
      await fixture.open(payer.person, { ...zapOf(other.itemId, 10), payment: 'credits' });
      tally.zaps += 1;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(error.code).toBe('action.insufficient_credits');
      tally.refused += 1;
    }
  }
}

it(
  'sixteen connections that zap by credits, grant, pay and expire: no deadlock, no overdraft, exact',
  { timeout: 300_000 },
  async () => {
    const people: { person: Person; itemId: string }[] = [];
    for (const name of ['ann', 'ben', 'cat', 'dan']) {
      const person = await fixture.account(name, 10_000n);
      people.push({ person, itemId: await fixture.paidPost(person) });
    }
    const deadlocks = await deadlocksSoFar();
    const tally: Tally = { granted: 0n, zaps: 0, refused: 0 };
    const work = async (worker: number): Promise<void> => {
      const next = numbers(worker + 1);
      for (let n = 0; n < TURNS; n += 1) await turn(people, `${worker}-${n}`, next, tally);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, worker) => work(worker)));

    expect(await deadlocksSoFar()).toBe(deadlocks);
    expect(await brokenRules(fixture.pool)).toEqual([]);
    for (const { person } of people) {
      expect((await verifyAddress(fixture.pool, 'actions', person.id)).faults).toEqual([]);
    }
    // What was answered as paid was, and nothing else.
    expect(await fixture.count(`attempts where flow = 'credits' and state = 'PAID'`)).toBe(
      tally.zaps,
    );
    expect(await fixture.count(`credit_history where payment_method = 'action_payment'`)).toBe(
      tally.zaps,
    );
    for (const happened of [tally.zaps, tally.refused]) expect(happened).toBeGreaterThan(10);

    const expiring = `credit_lots where expires_at is not null`;
    await waitUntil('all that expires has expired', async () => {
      await sweep(fixture);
      return (await fixture.count(expiring)) === 0;
    });
    expect(await fixture.count(`credit_past_lots where expired > 0`)).toBeGreaterThan(0);
    for (const { account, ...sums } of await accountBalances(
      fixture.pool,
      people.map(({ person }) => person),
    )) {
      const id = people.find(({ person }) => person.name === account)?.person.id ?? '';
      const spendable = await readCredits(fixture.pool, id);
      expect(sums).toEqual({ postedMsat: spendable, lotsMsat: spendable, keptMsat: spendable });
    }
    await expectConserved(tally);
  },
);

/** Everything that was ever issued is somebody's or expired; the pool has sats. */
async function expectConserved({ granted }: Tally): Promise<void> {
  const { rows } = await fixture.pool.query<{ holder: string; msat: bigint }>(
    `select coalesce(a.system, 'users') as holder, sum(p.amount_msat)::bigint as msat
     from postings p join ledger_accounts a on a.id = p.ledger_account_id
     where a.asset = 'CREDITS' or a.system = 'pool' group by 1`,
  );
  const of = (holder: string): bigint => rows.find((row) => row.holder === holder)?.msat ?? 0n;
  expect(of('users') + of('expired')).toBe(-of('issued'));
  const { rows: taken } = await fixture.pool.query<{ msat: bigint }>(
    `select sum(received_msat)::bigint as msat from invoices where state = 'settled'`,
  );
  expect(of('pool') - of('issued')).toBe(granted + 4n * 10_000n + (taken[0]?.msat ?? 0n));
}

it('of many who open by the last credits one gets them', async () => {
  const author = await fixture.account('popular');
  const itemId = await fixture.paidPost(author);
  const spender = await fixture.account('spender', 25_000n);
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      fixture.open(spender, { ...zapOf(itemId, 10), payment: 'credits' }),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  expect(await readCredits(fixture.pool, spender.id)).toBe(5_000n);
  expect(await brokenRules(fixture.pool)).toEqual([]);
});

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCredits } from '../../../../engine/accounts/accounts.js';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { verifyAddress } from '../../../../engine/credits/rebuild/verify.js';
import { toMsat } from '../../../../domain/money.js';
import { brokenRules } from '../../../support/books.js';
import { LotsModel } from '../../../support/lots-model.js';
import { ageCredits } from '../../../support/age-credits.js';
import { grantFor, type Person, accountBalances, sweep } from './credit-lots.helper.js';
import { ActionFixture, zapOf } from './fixture.helper.js';
import { step, type Step } from './lots-steps.helper.js';

const RUNS = Number(process.env['LOTS_RUNS'] ?? 40);
const GRACE_HOURS = 30 * 24;
const NAMES = ['ann', 'ben', 'cat'] as const;

let fixture: ActionFixture;
let runs = 0;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(() => fixture.close());

/** A zap that is to be paid by invoice. */
interface Zap {
  readonly payer: number;
  readonly author: number;
  readonly id: string;
  readonly costMsat: bigint;
  state: 'open' | 'failed' | 'cancelled' | 'paid';
  taken?: { readonly slices: ReturnType<LotsModel['debit']>; readonly msat: bigint };
}

/** Three people who zap each other's items, and the model of what they have. */
class World {
  readonly model = new LotsModel();
  readonly zaps: Zap[] = [];
  grants = 0;
  swept = 0n;

  constructor(
    readonly name: string,
    readonly people: readonly Person[],
    readonly items: readonly string[],
  ) {}

  person(index: number): Person {
    const person = this.people[index];
    if (person === undefined) throw new Error('nobody');
    return person;
  }

  zap(which: number, states: readonly Zap['state'][]): Zap | undefined {
    const found = this.zaps.filter(({ state }) => states.includes(state));
    return found[which % Math.max(1, found.length)];
  }

  /** The author's 70 %. */
  paid({ author, costMsat }: Pick<Zap, 'author' | 'costMsat'>): void {
    this.model.grant(author, (costMsat * 70n) / 100n, null);
  }
}

async function begin(): Promise<World> {
  runs += 1;
  const name = `r${runs}`;
  const people: Person[] = [];
  const items: string[] = [];
  for (const each of NAMES) {
    const person = await fixture.account(`${name}-${each}`);
    people.push(person);
    items.push(await fixture.paidPost(person));
  }
  return new World(name, people, items);
}

async function take(world: World, given: Step): Promise<void> {
  switch (given.do) {
    case 'grant': {
      world.grants += 1;
      const key = `${world.name}-${world.grants}`;
      await grantFor(fixture, world.person(given.who), { ...given, key });
      world.model.grant(given.who, given.msat, given.hours);
      return;
    }
    case 'pass':
      await ageCredits(fixture.pool, given.hours);
      world.model.pass(given.hours);
      return;
    case 'sweep':
      await sweep(fixture);
      world.swept += world.model.sweep();
      return;
    case 'zap':
      return zap(world, given);
    default:
      return touch(world, given);
  }
}

/** What of a cost the balance pays beside an invoice: all of it, or as much as leaves whole sats. */
function spentBeside(model: LotsModel, payer: number, costMsat: bigint): bigint {
  const has = model.spendable(payer);
  if (has >= costMsat) return costMsat;
  return (costMsat - has) % 1000n === 0n ? has : has - (has % 1000n);
}

async function zap(world: World, given: Extract<Step, { do: 'zap' }>): Promise<void> {
  const { model, zaps } = world;
  const author = (given.who + 1) % NAMES.length;
  const costMsat = BigInt(given.sats) * 1000n;
  const covered = model.spendable(given.who) >= costMsat;
  const caller = world.people[given.who];
  const itemId = world.items[author];
  if (caller === undefined || itemId === undefined) throw new Error('nobody');
  const opening = fixture.open(caller, { ...zapOf(itemId, given.sats), payment: given.payment });
  if (given.payment === 'credits' && !covered) {
    await expect(opening).rejects.toMatchObject({ code: 'action.insufficient_credits' });
    return;
  }
  const { view } = await opening;
  const target: Zap = { payer: given.who, author, id: view.id, costMsat, state: 'open' };
  zaps.push(target);
  attempt(
    world,
    target,
    view,
    given.payment === 'invoice' ? 0n : spentBeside(model, given.who, costMsat),
  );
}

/** A new attempt: what it takes from the balance is gone at once, and all of it where that covers the cost. */
function attempt(world: World, target: Zap, view: ActionView, msat: bigint): void {
  const newest = view.attempts.at(-1);
  const slices = msat === 0n ? [] : world.model.debit(target.payer, msat);
  if (msat === target.costMsat) {
    expect(newest).toMatchObject({ flow: 'credits', invoice: null });
    world.paid(target);
    target.state = 'paid';
    return;
  }
  expect(newest).toMatchObject({
    flow: 'optimistic',
    invoice: { amountMsat: target.costMsat - msat },
  });
  target.state = 'open';
  target.taken = { slices, msat };
}

/** What an attempt that fails had taken goes back. */
function giveBack({ model }: World, target: Zap): void {
  if (target.taken !== undefined && target.taken.msat > 0n) {
    model.refund(target.payer, target.taken.slices, GRACE_HOURS);
  }
}

type Touch = Exclude<Step, { do: 'grant' | 'pass' | 'sweep' | 'zap' }>;

async function touch(world: World, given: Touch): Promise<void> {
  const target = world.zap(given.which, STATES[given.do]);
  if (target === undefined) return;
  const view = await fixture.view(target.id);
  const caller = world.person(target.payer);
  const payer = target.payer;
  const { model } = world;
  switch (given.do) {
    case 'pay': {
      // At most twice the amount, which is as much as a node takes.
      const invoiced = target.costMsat - (target.taken?.msat ?? 0n);
      const over = given.over % (invoiced + 1n);
      await fixture.pay(view, invoiced + over);
      await fixture.deliver();
      world.paid(target);
      model.grant(payer, over, null);
      target.state = 'paid';
      return;
    }
    case 'cancel':
      await cancelAction(fixture.engine, { actionId: target.id, caller });
      giveBack(world, target);
      target.state = 'cancelled';
      return;
    case 'expire':
      await fixture.passDeadline(target.id);
      await fixture.drive(target.id);
      giveBack(world, target);
      target.state = 'failed';
      return;
    case 'late': {
      const invoiced = target.costMsat - (target.taken?.msat ?? 0n);
      await settleLate(view, invoiced);
      // What pays only the rest of the cost cannot pay the action.
      if (target.state === 'failed' && invoiced === target.costMsat) world.paid(target);
      else model.grant(payer, invoiced, null);
      // An invoice is settled once.
      target.state = 'paid';
      return;
    }
    case 'retry':
      return retry(world, target, view);
  }
}

const STATES: Readonly<Record<Touch['do'], readonly Zap['state'][]>> = {
  pay: ['open'],
  cancel: ['open'],
  expire: ['open'],
  late: ['failed', 'cancelled'],
  retry: ['failed', 'cancelled'],
};

async function settleLate(view: ActionView, costMsat: bigint): Promise<void> {
  const hash = view.attempts.at(-1)?.invoice?.hash ?? '';
  await fixture.report({ hash, state: 'settled', receivedMsat: toMsat(costMsat) });
}

/** By credits where they suffice, else as much of them as leaves whole sats. */
async function retry(world: World, target: Zap, view: ActionView): Promise<void> {
  const msat = spentBeside(world.model, target.payer, target.costMsat);
  const retried = await retryAction(fixture.engine, {
    ...{ actionId: target.id, attempt: view.attempts.length, payment: 'auto' },
    caller: world.person(target.payer),
  });
  attempt(world, target, retried.view, msat);
}

/** Postings = lots = what is kept of them = the model, lot by lot. */
async function expectAgreement({ model, people, swept }: World): Promise<void> {
  const found = await accountBalances(fixture.pool, people);
  for (const [index, person] of people.entries()) {
    const balances = found.find(({ account }) => account === person.name);
    const balance = model.balance(index);
    expect(balances).toMatchObject({ postedMsat: balance, lotsMsat: balance, keptMsat: balance });
    expect(await readCredits(fixture.pool, person.id)).toBe(model.spendable(index));
    expect(await lotsOf(person)).toEqual(model.lots(index));
  }
  const { rows } = await fixture.pool.query<{ expired: bigint }>(
    `select coalesce(sum(expired), 0)::bigint as expired from credit_past_lots where address = any($1)`,
    [people.map(({ id }) => id)],
  );
  expect(rows[0]?.expired).toBe(swept);
}

async function lotsOf(person: Person): Promise<unknown> {
  const { rows } = await fixture.pool.query(
    `select remaining as left, ceil(extract(epoch from expires_at - now()) / 3600)::integer as hours from credit_lots
     where ledger = 'actions' and address = $1 order by granted_at, credit_ref, credit_index`,
    [person.id],
  );
  return rows;
}

it(
  'after each step postings are lots, and at the end the books are in order',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
        const world = await begin();
        for (const each of steps) {
          await take(world, each);
          await expectAgreement(world);
        }
        expect(await brokenRules(fixture.pool)).toEqual([]);
        for (const { id } of world.people) {
          expect((await verifyAddress(fixture.pool, 'actions', id)).faults).toEqual([]);
        }
      }),
      { numRuns: RUNS },
    );
  },
);

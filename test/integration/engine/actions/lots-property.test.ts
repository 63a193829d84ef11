import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCredits } from '../../../../engine/accounts/accounts.js';
import { cancelAction } from '../../../../engine/actions/cancel.js';
import type { ActionRef, ActionView } from '../../../../engine/actions/contract.js';
import { retryAction } from '../../../../engine/actions/retry.js';
import { verifyAddress } from '../../../../engine/credits/rebuild/verify.js';
import { toMsat } from '../../../../domain/money.js';
import { brokenRules } from '../../../support/books.js';
import { LotsModel } from '../../../support/lots-model.js';
import { ageCredits } from '../../../support/age-credits.js';
import {
  failAndGiveBack,
  grantFor,
  type Person,
  standings,
  sweep,
  takeCredits,
} from './credit-lots.helper.js';
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

async function zap(
  { model, zaps, ...world }: World,
  given: Extract<Step, { do: 'zap' }>,
): Promise<void> {
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
  const byCredits = given.payment !== 'invoice' && covered;
  expect(view.attempts[0]?.flow).toBe(byCredits ? 'credits' : 'optimistic');
  const state = byCredits ? 'paid' : 'open';
  zaps.push({ payer: given.who, author, id: view.id, costMsat, state });
  if (!byCredits) return;
  model.debit(given.who, costMsat);
  model.grant(author, (costMsat * 70n) / 100n, null);
}

type Touch = Exclude<Step, { do: 'grant' | 'pass' | 'sweep' | 'zap' }>;

async function touch(world: World, given: Touch): Promise<void> {
  const target = world.zap(given.which, STATES[given.do]);
  if (target === undefined) return;
  const view = await fixture.view(target.id);
  const caller = world.person(target.payer);
  const payer = target.payer;
  const { model } = world;
  // What was taken keeps its attempt open: the money of both would be in one attempt, which no flow knows yet.
  if (target.taken !== undefined && given.do !== 'back') return;
  switch (given.do) {
    case 'pay': {
      // At most twice the amount, which is as much as a node takes.
      const over = given.over % (target.costMsat + 1n);
      await fixture.pay(view, target.costMsat + over);
      await fixture.deliver();
      world.paid(target);
      model.grant(payer, over, null);
      target.state = 'paid';
      return;
    }
    case 'cancel':
      await cancelAction(fixture.engine, { actionId: target.id, caller });
      target.state = 'cancelled';
      return;
    case 'expire':
      await fixture.passDeadline(target.id);
      await fixture.drive(target.id);
      target.state = 'failed';
      return;
    case 'late':
      await settleLate(view, target.costMsat);
      if (target.state === 'failed') world.paid(target);
      else model.grant(payer, target.costMsat, null);
      // An invoice is settled once.
      target.state = 'paid';
      return;
    case 'retry':
      return retry(world, target, view);
    case 'take': {
      const covered = model.spendable(payer) >= given.msat;
      const ref = refOf(view);
      expect(await takeCredits(fixture, ref, caller, toMsat(given.msat))).toBe(covered);
      if (covered) target.taken = { slices: model.debit(payer, given.msat), msat: given.msat };
      return;
    }
    case 'back':
      return back(world, target, view);
  }
}

const STATES: Readonly<Record<Touch['do'], readonly Zap['state'][]>> = {
  pay: ['open'],
  cancel: ['open'],
  expire: ['open'],
  late: ['failed', 'cancelled'],
  retry: ['failed', 'cancelled'],
  take: ['open'],
  back: ['open'],
};

function refOf(view: ActionView): ActionRef {
  return { actionId: view.id, attempt: view.attempts.length };
}

async function settleLate(view: ActionView, costMsat: bigint): Promise<void> {
  const hash = view.attempts.at(-1)?.invoice?.hash ?? '';
  await fixture.report({ hash, state: 'settled', receivedMsat: toMsat(costMsat) });
}

/** By credits where they suffice. */
async function retry(world: World, target: Zap, view: ActionView): Promise<void> {
  const payer = target.payer;
  const covered = world.model.spendable(payer) >= target.costMsat;
  const retried = await retryAction(fixture.engine, {
    ...{ actionId: target.id, attempt: view.attempts.length, payment: 'auto' },
    caller: world.person(target.payer),
  });
  expect(retried.view.attempts.at(-1)?.flow).toBe(covered ? 'credits' : 'optimistic');
  target.state = covered ? 'paid' : 'open';
  if (!covered) return;
  world.model.debit(payer, target.costMsat);
  world.paid(target);
}

async function back({ model, ...world }: World, target: Zap, view: ActionView): Promise<void> {
  const payer = world.people[target.payer];
  if (target.taken === undefined || payer === undefined) return;
  const { slices, msat: taken } = target.taken;
  const hash = view.attempts.at(-1)?.invoice?.hash ?? '';
  await failAndGiveBack(fixture, { ref: refOf(view), hash }, payer, toMsat(taken));
  model.refund(target.payer, slices, GRACE_HOURS);
  delete target.taken;
  target.state = 'failed';
}

/** Postings = lots = what is kept of them = the model, lot by lot. */
async function expectAgreement({ model, people, swept }: World): Promise<void> {
  const found = await standings(fixture.pool, people);
  for (const [index, person] of people.entries()) {
    const standing = found.find(({ account }) => account === person.name);
    const balance = model.balance(index);
    expect(standing).toMatchObject({ postedMsat: balance, lotsMsat: balance, keptMsat: balance });
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
        for (const each of world.zaps) await back(world, each, await fixture.view(each.id));
        await expectAgreement(world);
        expect(await brokenRules(fixture.pool)).toEqual([]);
        for (const { id } of world.people) {
          expect((await verifyAddress(fixture.pool, 'actions', id)).faults).toEqual([]);
        }
      }),
      { numRuns: RUNS },
    );
  },
);

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boost } from '../../../../../engine/actions/types/boost.js';
import { downZap } from '../../../../../engine/actions/types/down-zap.js';
import { itemCreate } from '../../../../../engine/actions/types/item-create.js';
import { itemUpdate } from '../../../../../engine/actions/types/item-update.js';
import type { PaidActionType } from '../../../../../engine/actions/types/paid-action-type.js';
import { pollVote } from '../../../../../engine/actions/types/poll-vote.js';
import { zap } from '../../../../../engine/actions/types/zap.js';
import { ANONYMOUS } from '../fixture.helper.js';
import { report, retry, statesOf } from '../bugs/bugs.helper.js';
import { itemOf, World } from './world.helper.js';

let world: World;

beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.fixture.close());

interface Sample {
  readonly name: string;
  /** Made anew for each flow, for the account that acts. */
  readonly args: (by: 'rich' | 'payer') => Promise<object>;
}

const LONG = 'x'.repeat(80);
const WEEK_MS = 7 * 24 * 3600 * 1000;
const largestPost = {
  ...{ title: LONG, text: 'y'.repeat(100_000), territories: ['a', 'b', 'c', 'd', 'e'] },
  ...{ boostSats: 1_000_000, forwards: [{ name: 'author', percent: 100 }] },
};
const post = { title: 'Title' };
const on = async (args: object = {}): Promise<{ itemId: string }> => ({
  itemId: await world.item(args),
});

const creations: readonly Sample[] = [
  ...[
    { kind: 'link', url: 'https://a.b' },
    { kind: 'discussion' },
    { kind: 'poll', options: ['a', 'b'] },
    { kind: 'bounty', bountySats: 1_000 },
    { kind: 'job', url: 'https://a.b', company: 'c' },
  ].map((own): Sample => ({ name: own.kind, args: () => Promise.resolve({ ...post, ...own }) })),
  ...[
    { kind: 'link', url: `https://a.b/${'z'.repeat(2036)}` },
    { kind: 'discussion' },
    {
      kind: 'poll',
      options: Array.from('abcdefghij').map((letter) => letter.repeat(40)),
      endsAt: new Date(Date.now() + WEEK_MS).toISOString(),
    },
    { kind: 'bounty', bountySats: 700_000 },
    { kind: 'job', url: 'https://a.b', company: LONG, location: LONG, remote: true },
  ].map((own): Sample => ({
    name: `${own.kind}, largest`,
    args: () => Promise.resolve({ ...largestPost, ...own }),
  })),
  {
    name: 'comment',
    args: async () => ({ kind: 'comment', parentId: await world.item(), text: 'c' }),
  },
  {
    name: 'comment, largest',
    args: async () => ({
      ...{ kind: 'comment', text: 'c'.repeat(10_000) },
      parentId: await world.comment(await world.item()),
    }),
  },
];

/** Each type that can be opened, with its smallest and its largest arguments. */
const SAMPLES: readonly (readonly [PaidActionType<unknown>, readonly Sample[]])[] = [
  [itemCreate, creations],
  [
    itemUpdate,
    [
      {
        name: 'more boost',
        args: async (by) => ({
          itemId: await world.item({}, world[by === 'payer' ? 'author' : by]),
          boostSats: 1,
        }),
      },
    ],
  ],
  ...[zap, downZap, boost].map(
    (type) =>
      [
        type,
        [
          { name: 'smallest', args: async () => ({ ...(await on()), sats: 1 }) },
          { name: 'largest', args: async () => ({ ...(await on()), sats: 1_000_000 }) },
        ],
      ] as const,
  ),
  [
    pollVote,
    [
      {
        name: 'the last option',
        args: async () => {
          const { itemId } = await on({ kind: 'poll', options: ['a', 'b'] });
          const { rows } = await world.fixture.pool.query<{ id: bigint }>(
            'select max(id) as id from poll_options where item_id = $1',
            [itemId],
          );
          return { itemId, optionId: String(rows[0]?.id) };
        },
      },
    ],
  ],
];

const rows = SAMPLES.flatMap(([type, samples]) => samples.map((sample) => ({ type, sample })));
const ofMethod = (method: string) =>
  rows.filter(({ type }) => (type.paymentMethods as readonly string[]).includes(method));
const named = (all: typeof rows) =>
  all.map(({ type, sample }) => [`${type.name}: ${sample.name}`, type, sample] as const);

async function rowStates(type: PaidActionType<unknown>, actionId: string): Promise<string[]> {
  const [table] = type.tables;
  const { rows: states } = await world.fixture.pool.query<{ state: string }>(
    `select state from ${String(table)} where action_id = $1`,
    [actionId],
  );
  return states.map(({ state }) => state);
}

describe('B49: by credits, with the least and the most arguments', () => {
  it.each(named(rows))('%s', async (_name, type, sample) => {
    const args = await sample.args('rich');
    const { view } = await world.fixture.open(world.rich, { type: type.name, args });
    expect(view.state).toBe('PAID');
    expect(await rowStates(type, view.id)).toEqual(['PAID']);
    expect(itemOf(view)).toMatch(/^\d+$/);
  });
});

describe('optimistic', () => {
  it.each(named(ofMethod('optimistic')))(
    '%s: its author’s only, failed, tried again, then everybody’s',
    async (_name, type, sample) => {
      const args = await sample.args('payer');
      const before = await world.everybodySees();
      const view = await world.unpaid({ type: type.name, args }, world.payer);
      expect(view.attempts).toMatchObject([{ flow: 'optimistic', state: 'PENDING' }]);
      expect(await rowStates(type, view.id)).toEqual(['PENDING']);
      expect(await world.everybodySees()).toEqual(before);
      await world.fail(view);
      expect(await rowStates(type, view.id)).toEqual(['FAILED']);
      expect(await world.everybodySees()).toEqual(before);
      const { view: retried } = await retry(world.fixture, view.id, world.payer, 'invoice');
      expect(await world.pay(retried)).toEqual(['FAILED INVOICE_EXPIRED', 'PAID']);
      expect(await rowStates(type, view.id)).toEqual(['PAID']);
      expect(await world.everybodySees()).not.toEqual(before);
    },
  );
});

const pessimistic = named(ofMethod('pessimistic')).filter(
  ([, type]) => type.anonymous || !type.paymentMethods.includes('optimistic'),
);

describe('B48: pessimistic, performed without its client', () => {
  const openFor = async (type: PaidActionType<unknown>, sample: Sample) => {
    const caller = type.anonymous ? ANONYMOUS : world.author;
    const args = await sample.args('payer');
    const before = await world.everybodySees();
    const opened = await world.fixture.open(caller, { type: type.name, args, payment: 'invoice' });
    return { view: opened.view, before };
  };

  it.each(pessimistic)(
    '%s: performed when held, shown when settled',
    async (_name, type, sample) => {
      const { view, before } = await openFor(type, sample);
      expect(await rowStates(type, view.id)).toEqual([]);
      await world.fixture.pay(view);
      await world.fixture.deliver();
      expect(await statesOf(world.fixture, view.id)).toEqual(['HELD']);
      expect(await rowStates(type, view.id)).toEqual(['PENDING']);
      expect(await world.everybodySees()).toEqual(before);
      await world.fixture.drive(view.id);
      expect(await statesOf(world.fixture, view.id)).toEqual(['PAID']);
      expect(await rowStates(type, view.id)).toEqual(['PAID']);
    },
  );

  it.each(pessimistic)(
    '%s: performed and undone is as if it never was',
    async (_name, type, sample) => {
      const { view, before } = await openFor(type, sample);
      await world.fixture.pay(view);
      await report(world.fixture, view, 'held');
      expect(await rowStates(type, view.id)).toEqual(['PENDING']);
      await report(world.fixture, view, 'canceled', 0n);
      expect(await statesOf(world.fixture, view.id)).toEqual(['FAILED SYSTEM_CANCELLED']);
      expect(await rowStates(type, view.id)).toEqual(['FAILED']);
      expect(await world.everybodySees()).toEqual(before);
    },
  );
});

import { boost } from '../../../../../engine/actions/types/boost.js';
import { downZap } from '../../../../../engine/actions/types/down-zap.js';
import { itemCreate } from '../../../../../engine/actions/types/item-create.js';
import { itemUpdate } from '../../../../../engine/actions/types/item-update.js';
import type { PaidActionType } from '../../../../../engine/actions/types/paid-action-type.js';
import { pollVote } from '../../../../../engine/actions/types/poll-vote.js';
import { zap } from '../../../../../engine/actions/types/zap.js';
import type { Person } from '../bugs/bugs.helper.js';
import type { World } from './world.helper.js';

export interface Sample {
  readonly name: string;
  /** Made anew for each flow. `by`: whoever acts, where that is an account. */
  readonly args: (world: World, by: Person) => Promise<object>;
  /** An account has one: somebody new in each flow. */
  readonly byNew?: true;
  /** Performed and paid at once in any flow. */
  readonly free?: true;
}

export type Samples = readonly (readonly [PaidActionType<unknown>, readonly Sample[]])[];

const LONGEST = 'x'.repeat(80);
const WEEK_MS = 7 * 24 * 3600 * 1000;
/** Accounts that {@link addForwardees} makes. */
const FORWARDEES = ['fw-1', 'fw-2', 'fw-3', 'fw-4', 'fw-5'];
/** What every post may have, at its most. */
const MOST = {
  ...{ title: LONGEST, text: 'y'.repeat(100_000), territories: ['a', 'b', 'c', 'd', 'e'] },
  ...{ boostSats: 1_000_000, forwards: FORWARDEES.map((name) => ({ name, percent: 20 })) },
};
const LONGEST_URL = `https://a.b/${'z'.repeat(2036)}`;
const options = (letters: string): string[] => Array.from(letters, (letter) => letter.repeat(40));

export async function addForwardees({ fixture }: World): Promise<void> {
  for (const name of FORWARDEES) await fixture.account(name);
}

const CREATIONS: readonly Sample[] = [
  ...[
    { kind: 'link', url: 'https://a.b' },
    { kind: 'discussion' },
    { kind: 'poll', options: ['a', 'b'] },
    { kind: 'bounty', bountySats: 1_000 },
    { kind: 'job', url: 'https://a.b', company: 'c' },
  ].map((own): Sample => ({
    name: own.kind,
    args: () => Promise.resolve({ title: 'Title', ...own }),
  })),
  ...[
    { kind: 'link', url: LONGEST_URL },
    { kind: 'discussion' },
    {
      ...{ kind: 'poll', options: options('abcdefghij') },
      endsAt: new Date(Date.now() + WEEK_MS).toISOString(),
    },
    { kind: 'bounty', bountySats: 700_000 },
    { kind: 'job', url: LONGEST_URL, company: LONGEST, location: LONGEST, remote: true },
  ].map((own): Sample => ({
    name: `${own.kind}, largest`,
    args: () => Promise.resolve({ ...MOST, ...own }),
  })),
  {
    name: 'comment',
    args: async (world) => ({ kind: 'comment', parentId: await world.item(), text: 'c' }),
  },
  {
    name: 'comment, largest',
    args: async (world) => ({
      ...{ kind: 'comment', text: 'c'.repeat(10_000) },
      parentId: await world.comment(await world.item()),
    }),
  },
  ...[1, 10_000].map((length): Sample => ({
    name: length === 1 ? 'bio' : 'bio, largest',
    byNew: true,
    args: () => Promise.resolve({ kind: 'bio', text: 'b'.repeat(length) }),
  })),
];

const EDITS: readonly Sample[] = [
  {
    name: 'more boost',
    args: async (world, by) => ({ itemId: await world.item({}, by), boostSats: 1 }),
  },
  ...(
    [
      [{ kind: 'link', url: 'https://a.b' }, { url: LONGEST_URL }],
      [{ kind: 'discussion' }, {}],
      [{ kind: 'poll', options: ['a', 'b'] }, { addOptions: options('cdefghij') }],
      [{ kind: 'bounty', bountySats: 1_000 }, { bountySats: 700_000 }],
      [
        { kind: 'job', url: 'https://a.b', company: 'c' },
        { url: LONGEST_URL, company: LONGEST, location: LONGEST, remote: true, stopped: true },
      ],
    ] as const
  ).map(([of, changes]): Sample => ({
    name: `${of.kind}, largest`,
    args: async (world, by) => ({ itemId: await world.item(of, by), ...MOST, ...changes }),
  })),
  {
    name: 'a text',
    free: true,
    args: async (world, by) => ({ itemId: await world.item({}, by), text: '' }),
  },
  {
    name: 'comment, largest',
    free: true,
    args: async (world, by) => ({
      itemId: await world.comment(await world.item(), 'c', by),
      text: 'd'.repeat(10_000),
    }),
  },
];

const ACTS: readonly Sample[] = [1, 1_000_000].map((sats) => ({
  name: `${sats} sats`,
  args: async (world) => ({ itemId: await world.item(), sats }),
}));

const VOTES: readonly Sample[] = (['min', 'max'] as const).map((which) => ({
  name: which === 'min' ? 'the first option' : 'the last option',
  args: async (world) => {
    const itemId = await world.item({ kind: 'poll', options: Array.from('abcdefghij') });
    const { rows } = await world.fixture.pool.query<{ id: bigint }>(
      `select ${which}(id) as id from poll_options where item_id = $1`,
      [itemId],
    );
    return { itemId, optionId: String(rows[0]?.id) };
  },
}));

/** The types that make, change or act on items, with their smallest and their largest arguments. */
export const ITEM_SAMPLES: Samples = [
  [itemCreate, CREATIONS],
  [itemUpdate, EDITS],
  [zap, ACTS],
  [downZap, ACTS],
  [boost, ACTS],
  [pollVote, VOTES],
];

import { type Billing, BILLINGS, PRICES } from '../../../../domain/territories/billing.js';
import { sats as money } from '../parts/money.js';
import type { Field } from './fields.js';
import { TERRITORY_FIELDS } from './territory-fields.js';

/** A form that opens an action. */
export interface ActionForm {
  readonly title: string;
  /** Of the action. */
  readonly type: string;
  /** Arguments that nobody types. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  readonly fields: readonly Field[];
  readonly intro?: string;
}

const title: Field = { name: 'title', label: 'Title', kind: 'line', required: true, maxLength: 80 };
const text: Field = { name: 'text', label: 'Text', kind: 'text', maxLength: 100_000 };
const territories: Field = {
  name: 'territories',
  label: 'Territories',
  kind: 'names',
  hint: 'Names with spaces between them; at most five. Each may have a price of its own.',
};
const boostSats: Field = {
  name: 'boostSats',
  label: 'Boost, in sats',
  kind: 'sats',
  hint: 'Paid once more, to be seen more. Empty for none.',
};
const address: Field = { name: 'url', label: 'Address', kind: 'address', required: true };
const sats: Field = { name: 'sats', label: 'Amount, in sats', kind: 'sats', required: true };
const itemId: Field = { name: 'itemId', label: 'Number of the item', kind: 'line', required: true };
const job: readonly Field[] = [
  { name: 'company', label: 'Company', kind: 'line', required: true, maxLength: 80 },
  { name: 'location', label: 'Place', kind: 'line', maxLength: 80 },
  { name: 'remote', label: 'Remote work is possible', kind: 'check' },
];
const bountySats: Field = {
  name: 'bountySats',
  label: 'Bounty, in sats',
  kind: 'sats',
  required: true,
  hint: '1,000 to 700,000. You pay it later, to the comment that you choose.',
};
const post = [text, territories, boostSats];
const optional = (field: Field): Field => ({ ...field, required: false });

const BILLING_WORDS: Readonly<Record<Billing, string>> = {
  MONTHLY: `each month: ${money(PRICES.MONTHLY)}`,
  YEARLY: `each year: ${money(PRICES.YEARLY)}`,
  ONCE: `once, for ever: ${money(PRICES.ONCE)}`,
};

const billing: Field = {
  name: 'billing',
  label: 'Paid for',
  kind: 'choice',
  options: BILLINGS.map((one) => [one, BILLING_WORDS[one]] as const),
};
const territoryName: Field = {
  ...{ name: 'territory', label: 'Territory', kind: 'line', required: true, maxLength: 32 },
};

const create = (kind: string, name: string, fields: readonly Field[]): ActionForm => ({
  ...{ title: name, type: 'ITEM_CREATE', fixed: { kind }, fields },
});
const edit = (kind: string, fields: readonly Field[]): ActionForm => ({
  ...{ title: `Edit a ${kind}`, type: 'ITEM_UPDATE' },
  intro: 'What you leave empty stays as it is.',
  fields: [{ ...itemId, kind: 'hidden' }, ...fields.map(optional)],
});
const onItem = (type: string, name: string, fields: readonly Field[], intro?: string) => ({
  ...{ title: name, type, fields: [itemId, ...fields] },
  ...(intro === undefined ? {} : { intro }),
});

/** By the last word of their address. */
export const FORMS: Readonly<Record<string, ActionForm>> = {
  discussion: create('discussion', 'Start a discussion', [title, ...post]),
  link: create('link', 'Post a link', [title, address, ...post]),
  poll: create('poll', 'Ask by a poll', [
    title,
    {
      name: 'options',
      label: 'Options',
      kind: 'lines',
      required: true,
      hint: 'One per line, 2 to 10.',
    },
    {
      name: 'endsAt',
      label: 'Open until (UTC)',
      kind: 'time',
      hint: 'At least a day ahead. Empty for no end.',
    },
    ...post,
  ]),
  bounty: create('bounty', 'Offer a bounty', [title, bountySats, ...post]),
  job: create('job', 'Offer a job', [title, address, ...job, ...post]),
  bio: create('bio', 'Write about yourself', [{ ...text, required: true }]),
  comment: create('comment', 'Reply', [
    { name: 'parentId', label: 'Answers', kind: 'hidden', required: true },
    { ...text, label: 'Your reply', required: true, maxLength: 10_000 },
  ]),
  'edit-discussion': edit('discussion', [title, ...post]),
  'edit-link': edit('link', [title, address, ...post]),
  'edit-poll': edit('poll', [
    title,
    { name: 'addOptions', label: 'More options', kind: 'lines', hint: 'One per line.' },
    ...post,
  ]),
  'edit-bounty': edit('bounty', [title, bountySats, ...post]),
  'edit-job': edit('job', [
    ...[title, address, ...job, ...post],
    { name: 'stopped', label: 'Stop it: only you see it then', kind: 'check' },
  ]),
  'edit-bio': edit('bio', [text]),
  'edit-comment': edit('comment', [text]),
  zap: onItem('ZAP', 'Zap an item', [sats]),
  'down-zap': onItem('DOWN_ZAP', 'Down-zap an item', [sats], 'It is ranked lower for it.'),
  boost: onItem('BOOST', 'Boost an item', [sats], 'It is ranked higher for it.'),
  'poll-vote': onItem('POLL_VOTE', 'Vote in a poll', [
    { name: 'optionId', label: 'Number of the option', kind: 'line', required: true },
  ]),
  'bounty-payment': onItem('BOUNTY_PAYMENT', 'Pay a bounty', [], 'To the author of this comment.'),
  donate: {
    ...{ title: 'Donate to the rewards', type: 'DONATE', fields: [sats] },
    intro: 'It is shared among everybody who is rewarded at the end of the day.',
  },
  'buy-credits': {
    ...{ title: 'Buy credits', type: 'BUY_CREDITS', fields: [sats] },
    intro:
      'With credits you zap and post at once, without an invoice each time. They cannot be withdrawn.',
  },
  'territory-create': {
    ...{ title: 'Found a territory', type: 'TERRITORY_CREATE' },
    fields: [{ ...territoryName, name: 'name', label: 'Name' }, ...TERRITORY_FIELDS, billing],
  },
  'territory-update': {
    ...{ title: 'Change how a territory is paid', type: 'TERRITORY_UPDATE' },
    intro: 'What costs nothing is among its settings.',
    fields: [
      territoryName,
      { name: 'version', label: 'Version', kind: 'version', required: true },
      billing,
    ],
  },
  'territory-billing': {
    ...{ title: 'Pay for a territory', type: 'TERRITORY_BILLING', fields: [territoryName] },
  },
  'territory-unarchive': {
    ...{ title: 'Revive a territory', type: 'TERRITORY_UNARCHIVE' },
    fields: [territoryName, ...TERRITORY_FIELDS, billing],
  },
};

/** Those that one begins with; the others are reached from what they are about. */
export const CHOICES: readonly (readonly [
  heading: string,
  names: readonly string[],
  about: string,
])[] = [
  [
    'Post',
    ['discussion', 'link', 'poll', 'bounty', 'job', 'bio'],
    'A post costs a little: you see how much before you pay.',
  ],
  [
    'Pay',
    ['buy-credits', 'donate'],
    'Credits pay for posts and zaps at once. A zap is a small payment to whoever wrote something.',
  ],
  [
    'Territories',
    ['territory-create', 'territory-update', 'territory-billing', 'territory-unarchive'],
    'A territory is a place for posts about one subject. Its owner sets its prices, and gets a share.',
  ],
  [
    'By the number of an item',
    ['zap', 'down-zap', 'boost', 'poll-vote', 'bounty-payment'],
    'The number is in the address of a post or a comment. All of this is also on its page.',
  ],
];
